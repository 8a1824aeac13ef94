"""What the Scan translation tab asks of its nets: the other contrast, how far off it is, how sure, and about the tumour."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from demos._ui.nets import Net, active
from explanation.novelty import KnnNovelty
from metrics.pictures import WINDOW, fidelity
from models import CheckpointDamaged, CheckpointMissing, _checkpoint
from signals import image, scan
from training import Metrics, Recipe
from training.data import at_hand, lgg_mri, samples, scikit_image
from training.recipes import (
    mri_dense_unet,
    mri_dense_unet_back,
    mri_dense_unet_mae,
    mri_dense_unet_ssim,
    mri_dense_unet_taught,
)
from training.tasks.translation import EARLY, translated

LONGEST = lgg_mri.SIDE
"""Pixels of an uploaded scan's longer side that are worked on: the size at which the nets know heads."""
MEASURED = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "scans.json"
SQUARED, ABSOLUTE, STRUCTURAL = LOSSES = ("Squared error", "Absolute error", "Structural similarity")
TAUGHT = "Copying all three"
"""How the net learnt that was taught by those of the three losses."""
TENTH = 0.1
HALLUCINATED = 0.2
"""How much brighter than the truth, of full scale, a pixel must be to count as hallucinated."""
TEST = "test"
"""What the keys of test slices begin with; their number follows."""
Origin = Literal["test", "photograph", "uploaded"]


@dataclass(frozen=True)
class Direction:
    """One of the two ways, with its nets by what they learnt by: the one that leads first."""

    name: str
    source: str
    target: str
    recipes: dict[str, Recipe[Any]] = field(hash=False)

    @property
    def words(self) -> tuple[str, str]:
        """What goes in and what comes out, as people call them."""
        return lgg_mri.CONTRASTS[self.source], lgg_mri.CONTRASTS[self.target]

    @property
    def lead(self) -> str:
        """What the net learnt by that answers unless another is chosen."""
        return next(iter(self.recipes))

    def recipe(self, loss: str) -> Recipe[Any]:
        """The net that learnt by `loss`, or the one that leads where there is none."""
        return self.recipes.get(loss, self.recipes[self.lead])

    def loss(self, net: Net[Any]) -> str:
        """What a net of this direction learnt by."""
        return next(loss for loss, recipe in self.recipes.items() if recipe.name == net.recipe.name)


THERE = Direction(
    "Pre-contrast to FLAIR", "pre_contrast", "flair",
    {
        TAUGHT: mri_dense_unet_taught.recipe, SQUARED: mri_dense_unet.recipe, ABSOLUTE: mri_dense_unet_mae.recipe,
        STRUCTURAL: mri_dense_unet_ssim.recipe,
    },
)  # fmt: skip
BACK = Direction("FLAIR to pre-contrast", "flair", "pre_contrast", {SQUARED: mri_dense_unet_back.recipe})
DIRECTIONS = {direction.name: direction for direction in (THERE, BACK)}

EXAMPLES = {
    "typical": ("TCGA_DU_8167_19970402", 20),
    "good": ("TCGA_DU_7304_19930325", 13),
    "hard": ("TCGA_CS_4942_19970222", 16),
    "tumour painted over": ("TCGA_CS_6665_20010817", 17),
}
"""Test slices among the samples, by patient and number: as good as most, better, worse than doing nothing, and wrong."""
STRANGER = "no scan: a cat"
"""The key of the example for which the warning is made."""
FIRST = next(iter(EXAMPLES))


@dataclass(frozen=True)
class Scan:
    """One slice: 8-bit pictures by contrast to translate from, truths in [0, 1] by contrast, and the masks `(H, W)`.

    `key` is what the picker knows it by, “” for a picture from outside.
    """

    key: str
    name: str
    origin: Origin
    source: dict[str, Tensor]
    truth: dict[str, Tensor]
    head_HW: Tensor
    lesion_HW: Tensor | None = None


@dataclass(frozen=True)
class Strangeness:
    """How far a picture lies from the scans that the shipped net was trained on, and from where it counts as a stranger."""

    distance: float
    threshold: float

    @property
    def is_stranger(self) -> bool:
        return self.distance > self.threshold


@dataclass(frozen=True)
class Translation:
    """What a net made of a scan whose exposure was first changed: all planes `(H, W)`, all but `input_HW` in [0, 1].

    `baseline_HW` is the input as the net sees it, stretched between its percentiles; `clean_HW` is the net's output for
    the scan as it was, where that was changed; `shipped_HW` the shipped net's where a visitor's own answered.
    """

    scan: Scan
    direction: Direction
    net: Net[Any]
    input_HW: Tensor
    output_HW: Tensor
    baseline_HW: Tensor
    clean_HW: Tensor | None
    shipped_HW: Tensor | None = None
    strangeness: Strangeness | None = None

    @property
    def is_stranger(self) -> bool:
        """Whether the scan as it was brought is none that the shipped net knows; nothing is said where that is unknown."""
        return self.strangeness is not None and self.strangeness.is_stranger

    @property
    def truth(self) -> Tensor | None:
        """The other contrast `(H, W)` in [0, 1], where it is known."""
        return self.scan.truth.get(self.direction.target)

    @property
    def error(self) -> Tensor | None:
        """The absolute error `(H, W)`, of full scale."""
        return None if self.truth is None else (self.output_HW - self.truth).abs()

    @property
    def loss(self) -> str:
        """What the net learnt by."""
        return self.direction.loss(self.net)


# Scans


@cache
def example(key: str) -> Scan:
    """A slice of the samples that ship, or a photograph in an installed package: the same on every machine."""
    if key == STRANGER:
        cat = from_picture(scikit_image.photograph("chelsea.png"), "A cat, from scikit-image")
        return replace(cat, key=key, origin="photograph")
    with samples():
        return _slice(lgg_mri.slices("test").index(EXAMPLES[key]), key)


def address(of: Scan, direction: Direction) -> str:
    """The scan's source in one direction, as a `data:` address."""
    return image.to_data_url(Image.fromarray(of.source[direction.source].numpy()))


@cache
def examples(direction: Direction) -> dict[str, str]:
    """The examples by key, as `data:` addresses of what goes in."""
    return {key: address(example(key), direction) for key in (*EXAMPLES, STRANGER)}


def card_pictures() -> list[Image.Image]:
    """The first example as either kind of scan, from files beside this one: no data is read for the home page."""
    folder = Path(__file__).with_name("examples")
    return [Image.open(folder / f"{name}.png") for name in lgg_mri.CONTRASTS]


def known(key: str) -> Scan | None:
    """The example or the test slice of that key; None where there is none."""
    if key in EXAMPLES or key == STRANGER:
        return example(key)
    kind, _, number = key.partition(" ")
    return held_out(int(number)) if kind == TEST and number.isdecimal() else None


def held_out(index: int) -> Scan:
    """A real slice of the test split that is at hand, counted around."""

    def read() -> Scan:
        i = index % len(lgg_mri.slices("test"))
        return _slice(i, f"{TEST} {i}")

    return at_hand(read).value


def _slice(i: int, key: str) -> Scan:
    """Slice `i` of the test split, from wherever it is read."""
    found = {d: lgg_mri.part("test", source=d.source, target=d.target) for d in DIRECTIONS.values()}
    _, _, head_B1HW, tumour_B1HW, patient_B = found[THERE]
    patient = f"patient {int(patient_B[i]) + 1} of {int(patient_B.max()) + 1}"
    return Scan(
        key,
        f"Test slice {i + 1} of {len(head_B1HW)}, {patient}",
        "test",
        {d.source: arrays[0][i, 0] for d, arrays in found.items()},
        {d.target: arrays[1][i, 0] for d, arrays in found.items()},
        head_B1HW[i, 0],
        tumour_B1HW[i, 0],
    )


def read_scan(path: str, name: str = "Your scan") -> Scan:
    """A visitor's picture file as a scan of either contrast, grey, `LONGEST` pixels at most; ValueError if it is none."""
    return from_picture(image.read(path), name)


def from_picture(picture: Image.Image, name: str = "Your scan") -> Scan:
    """A picture as a scan whose other contrast nobody knows."""
    full = picture.size
    picture = picture.convert("L")
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    x_HW = torch.from_numpy(np.array(picture))
    size = f"{picture.width} × {picture.height}"
    if picture.size != full:
        size = f"made smaller, {full[0]} × {full[1]} to {size}"
    return Scan(
        "", f"{name}, {size}", "uploaded", dict.fromkeys(lgg_mri.CONTRASTS, x_HW), {}, scan.head(image.to_unit(x_HW))
    )


def with_truth(of: Scan, truth: Scan, direction: Direction) -> Scan:
    """An uploaded scan with the other contrast that its visitor brought; ValueError where they do not lie on one another."""
    x_HW, y_HW = of.source[direction.source], truth.source[direction.target]
    if of.origin != "uploaded":
        raise ValueError("This scan has its truth already. Upload a scan of your own first, then its other contrast.")
    if x_HW.shape != y_HW.shape:
        raise ValueError(
            f"The truth must lie on the scan pixel by pixel: it has {y_HW.shape[1]} × {y_HW.shape[0]} pixels, and the scan "
            f"{x_HW.shape[1]} × {x_HW.shape[0]}."
        )
    if min(x_HW.shape) < WINDOW:
        raise ValueError(f"A scan of less than {WINDOW} × {WINDOW} pixels is too small to measure anything on.")
    head_HW = scan.head(torch.maximum(image.to_unit(x_HW), image.to_unit(y_HW)))
    return replace(of, truth={direction.target: image.to_unit(y_HW)}, head_HW=head_HW)


def without_truth(of: Scan) -> Scan:
    """The scan as it was before its visitor brought the other contrast."""
    return replace(of, truth={}, head_HW=scan.head(image.to_unit(next(iter(of.source.values())))))


def with_exposure(x_HW: Tensor, *, stops: float, noise_percent: float, seed: int = 0) -> Tensor:
    """An 8-bit picture taken again: `2 ** stops` times as bright, with noise of that deviation, in 8 bits, clipped at 255."""
    if not stops and not noise_percent:
        return x_HW
    draw = torch.Generator().manual_seed(seed)
    noise_HW = noise_percent / 100 * 255 * torch.randn(x_HW.shape, generator=draw)
    return (x_HW * 2.0**stops + noise_HW).round().clamp(0, 255).byte()


# Answers


def apply(net: Net[Any], x_HW: Tensor) -> Tensor:
    """An 8-bit scan `(H, W)` as the other contrast, clipped to [0, 1]."""
    return translated(net.model, x_HW[None, None])[0, 0]


def translate(
    direction: Direction, net: Net[Any], of: Scan, *, stops: float = 0, noise_percent: float = 0
) -> Translation:
    """The scan, its exposure changed, in the other contrast; whether it is a stranger is asked of it as it was."""
    clean_HW = of.source[direction.source]
    input_HW = with_exposure(clean_HW, stops=stops, noise_percent=noise_percent)
    baseline_HW = scan.winsorised(image.to_unit(input_HW)[None, None])[0, 0]
    again = None if input_HW is clean_HW else apply(net, clean_HW)
    shipped = shipped_net(direction, direction.loss(net)) if net.own else None
    beside = None if shipped is None else apply(shipped, input_HW)
    strange = strangeness(direction, clean_HW)
    return Translation(of, direction, net, input_HW, apply(net, input_HW), baseline_HW, again, beside, strange)


def shipped_net(direction: Direction, loss: str | None = None) -> Net[Any] | None:
    """The shipped net of a direction, the one that leads where none is named; None where it is not there."""
    try:
        return Net.pretrained(direction.recipe(loss or direction.lead))
    except (CheckpointMissing, CheckpointDamaged):
        return None


def strangeness(direction: Direction, x_HW: Tensor) -> Strangeness | None:
    """How unlike its training scans an 8-bit picture `(H, W)` looks; None without the net that is asked.

    Asked is the one by squared error, for which the layers were chosen: the one that leads was taught on scans changed
    so far that more pictures look familiar to it.
    """
    net = shipped_net(direction, SQUARED)
    if net is None or "familiar_threshold" not in net.evidence:
        return None
    known_scans = KnnNovelty.kept(net.evidence, EARLY)
    return Strangeness(known_scans.distances(net.model, x_HW[None, None]).item(), known_scans.threshold)


def scores(y_HW: Tensor, truth_HW: Tensor, head_HW: Tensor) -> Metrics:
    """`fidelity` of one picture; nan where the head is empty, PSNR ∞ where there is no error at all."""
    return {
        name: v_B.item() for name, v_B in fidelity(truth_HW[None, None], y_HW[None, None], head_HW[None, None]).items()
    }


def figures_on_test(direction: Direction) -> Tensor:
    """PSNR in the head of every test slice by the shipped net, in dB `(B,)`; none where that is not known."""
    net = shipped_net(direction)
    return net.evidence["psnr_db_head"] if net is not None and net.evidence else torch.zeros(0)


@dataclass(frozen=True)
class Spread:
    """How far the nets disagree `(H, W)`, in shares of full scale, and what that knows of the error inside the head.

    `pearson`, `spearman`: correlation with the absolute error; `surest`, `least_sure`: the mean error in the tenth of
    the head where the nets agree most, and least. All nan where there is no truth.
    """

    spread_HW: Tensor
    pearson: float
    spearman: float
    surest: float
    least_sure: float

    @property
    def holds(self) -> bool:
        """The map ranks the errors to some degree, and where it warns, the error is twice as large."""
        return self.spearman > 0.3 and self.least_sure > 2 * self.surest


class Ensemble(NamedTuple):
    """Nets of one direction by the one loss that each learnt by, and why others are missing."""

    members: dict[str, Net[Any]]
    missing: list[Exception]


def ensemble(direction: Direction, net: Net[Any]) -> Ensemble:
    """The nets of this direction, `net` among them in place of the shipped one of its kind."""
    found = Ensemble({}, [])
    for loss in filter(direction.recipes.get, LOSSES):
        try:
            found.members[loss] = active(direction.recipes[loss], net)
        except (CheckpointMissing, CheckpointDamaged) as error:
            found.missing.append(error)
    return found


def disagreement(made: Translation, members: Sequence[Net[Any]]) -> Spread:
    """The standard deviation of the nets' outputs at every pixel, checked against the error of the net that answered."""
    outputs = [made.output_HW if m.key == made.net.key else apply(m, made.input_HW) for m in members]
    spread_HW = torch.stack(outputs).std(0, correction=0)
    if made.error is None:
        return Spread(spread_HW, *[float("nan")] * 4)
    inside_N, error_N = spread_HW[made.scan.head_HW].double(), made.error[made.scan.head_HW].double()
    order_N = inside_N.argsort()
    tenth = max(1, int(TENTH * len(order_N)))
    return Spread(
        spread_HW,
        *correlations(inside_N, error_N),
        error_N[order_N[:tenth]].mean().item(),
        error_N[order_N[-tenth:]].mean().item(),
    )


def correlations(a_N: Tensor, b_N: Tensor) -> tuple[float, float]:
    """Pearson's and Spearman's of two series `(N,)`; 0 where one of the two is the same everywhere."""
    from scipy import stats  # not on the way of the first page

    if a_N.std(correction=0) < 1e-12 or b_N.std(correction=0) < 1e-12:
        return 0.0, 0.0
    return tuple(float(measure(a_N.numpy(), b_N.numpy()).statistic) for measure in (stats.pearsonr, stats.spearmanr))  # type: ignore[return-value]


@dataclass(frozen=True)
class Lesion:
    """The lesion and the rest of the head: mean absolute error, and how much brighter the lesion is, in truth and output.

    `area` is a share of the head, everything else a share of full scale.
    """

    area: float
    error: float
    error_elsewhere: float
    contrast: float
    contrast_made: float


def assess_lesion(made: Translation) -> Lesion | None:
    """What became of the lesion; nothing where none is known, or no truth."""
    mask_HW, truth_HW, error_HW = made.scan.lesion_HW, made.truth, made.error
    if mask_HW is None or not mask_HW.any() or truth_HW is None or error_HW is None:
        return None
    rest_HW = made.scan.head_HW & ~mask_HW

    def contrast(x_HW: Tensor) -> float:
        return (x_HW[mask_HW].mean() - x_HW[rest_HW].mean()).item()

    return Lesion(
        area=(mask_HW.sum() / made.scan.head_HW.sum()).item(),
        error=error_HW[mask_HW].mean().item(),
        error_elsewhere=error_HW[rest_HW].mean().item(),
        contrast=contrast(truth_HW),
        contrast_made=contrast(made.output_HW),
    )


def hallucinated_share(made: Translation) -> float | None:
    """The share of the head, lesion left out, that is brighter than the truth by more than `HALLUCINATED`."""
    if made.truth is None:
        return None
    rest_HW = made.scan.head_HW if made.scan.lesion_HW is None else made.scan.head_HW & ~made.scan.lesion_HW
    return ((made.output_HW - made.truth)[rest_HW] > HALLUCINATED).double().mean().item()


# All nets


class Cards(NamedTuple):
    """Test metrics of the nets that there are, by direction and loss, over how many slices, and why others are missing."""

    metrics: Mapping[str, Metrics]
    slices: list[int]
    missing: list[Exception]


def cards() -> Cards:
    """What the cards of all nets say."""
    metrics, slices = {}, set()
    missing: list[Exception] = []
    for direction in DIRECTIONS.values():
        for loss, recipe in direction.recipes.items():
            try:
                card = _checkpoint.card(recipe.name)
            except (CheckpointMissing, CheckpointDamaged) as error:
                missing.append(error)
                continue
            metrics[f"{direction.name}, {loss.lower()}"] = card.metrics
            slices.add(card.data["n_test"])
    return Cards(metrics, sorted(slices), missing)


def benchmark() -> dict[str, Any]:
    """What `benchmarks/scans.py` measured, where it has been run: strangers, false alarms, tumours."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
