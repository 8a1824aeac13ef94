"""What three nets say of a gland's shape, where the one in three dimensions looks, and what size and lie have to do with it."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from demos._ui.nets import Net, active
from explanation import attribution, gradcam
from explanation.novelty import KnnNovelty
from explanation.volume import ball_occlusion, surface_probe
from metrics.detection import auc
from models import CheckpointDamaged, CheckpointMissing, _checkpoint
from models.volume import SliceNet, VolumeNet
from signals import volume, volume_files
from signals.image import to_unit
from training import Recipe, Run, peers
from training.data import at_hand, medmnist, samples
from training.recipes import adrenal_3d, adrenal_projections, adrenal_slice
from training.tasks import volumes

EDGE = 64
OURS = adrenal_3d.recipe
RECIPES: dict[str, Recipe[Any]] = {
    "One slice": adrenal_slice.recipe,
    "Three projections": adrenal_projections.recipe,
    "All 64 slices": OURS,
}
"""The nets by how much of a volume they may see."""
CLASSES = medmnist.ADRENAL_CLASSES
SICK = 1
"""The class that is looked for: hyperplasia."""
FLAG = "adrenalmnist3d"
METHODS = GRADIENTS, GRADCAM, BALL = ("Integrated gradients", "Grad-CAM", "Occlusion by a ball")
"""The first is asked when nothing else is chosen: on validation its maps held most often (`benchmarks/volume_maps.py`)."""
MOST_STROKES = 60
FACTORS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
"""By which a gland is made smaller and larger in each direction."""
_LOADED = itertools.count(1)
Own = Net[Any] | None


@dataclass(frozen=True)
class Volume:
    """A mask `x_DHW` `(64, 64, 64)` uint8, 0 or 255, in words; its `truth` where it is known, and what was done to a file."""

    words: str
    x_DHW: Tensor
    key: str
    truth: int | None = None
    millimetres: float = 1.0
    said: str = ""
    affine_44: np.ndarray | None = field(default=None, compare=False)
    """Where an upload lies, as NIfTI has it."""

    @property
    def x_1(self) -> Tensor:
        """`(1, 1, 64, 64, 64)` uint8, as nets are asked."""
        return self.x_DHW[None, None]

    @property
    def voxels(self) -> int:
        """How many are inside."""
        return int((self.x_DHW > 0).sum())

    @property
    def millilitres(self) -> float:
        """Its volume."""
        return self.voxels * self.millimetres**3 / 1000


class Above(NamedTuple):
    """The shares of healthy and of diseased test glands that have a lower probability."""

    healthy: float
    diseased: float


Rank = Callable[[float], Above]


@dataclass(frozen=True)
class Reading:
    """What the net makes of a volume: the calibrated probability `p` of hyperplasia, and what that means."""

    volume: Volume
    p: float
    strange: float
    """Its distance from what is familiar, as a share of the threshold."""
    above: Above

    @property
    def is_stranger(self) -> bool:
        """Whether it is unlike every gland that the net has learnt from."""
        return self.strange > 1


def net_of(own: Own) -> Net[Any]:
    """The visitor's own net in three dimensions, or the shipped one."""
    return active(OURS, own)


def read(net: Net[Any], shown: Volume) -> Reading:
    """What a net says of one volume."""
    p = probability(net, shown.x_1)[0].item()
    known = KnnNovelty.kept(net.evidence, net.model.layers())
    strange = known.distances(net.model, shown.x_1).item() / known.threshold
    return Reading(shown, p, strange, ranked(net, p))


def ranked(net: Net[Any], p: float) -> Above:
    """Where a probability stands among those of the test glands, which the evidence has."""
    test_B, sick_B = net.evidence["p"][:, SICK], net.evidence["label"] == SICK
    return Above(*((test_B[kind_B] < p).double().mean().item() for kind_B in (~sick_B, sick_B)))


def probability(net: Net[Any], x_B1DHW: Tensor) -> Tensor:
    """Calibrated probabilities of hyperplasia `(B,)` of 8-bit volumes."""
    return volumes.last_class(net.model, x_B1DHW, temperature=net.evidence["temperature"])


def own_net(run: Run[VolumeNet]) -> Net[VolumeNet]:
    """The best net of a visitor's run; its test glands are neither turned nor scaled, which would take half a minute."""
    model = run.best_model()
    facts = volumes.evidence(model, run.splits, classes=CLASSES, layers=VolumeNet.layers)
    return Net.from_run(run, facts)


# Volumes


class Example(NamedTuple):
    """One of the volumes on the page: its name, and its number in the test set that ships, or none of a shape of ours."""

    name: str
    number: int | None


NUMBERS = (112, 57, 71, 102, 116, 93)
"""Test glands of the samples that ship: the first and the third diseased, plainly so; the fourth large and healthy; the
fifth healthy and often taken for diseased, the last diseased and often missed."""
EXAMPLES = {
    **{f"gland {number}": Example(f"Gland {i + 1}", number) for i, number in enumerate(NUMBERS)},
    "ball": Example("A ball", None),
}
FIRST = f"gland {NUMBERS[0]}"


@cache
def example(key: str) -> Volume:
    """One of `EXAMPLES`, from the samples that ship; ValueError for another key."""
    if key not in EXAMPLES:
        raise ValueError("No volume is chosen yet: take one of those in the row.")
    name, number = EXAMPLES[key]
    if number is None:
        x_DHW = volume.ball((EDGE,) * 3, (31.5,) * 3, 14).byte() * 255
        return Volume("a ball that we drew", x_DHW, key)
    with samples():
        x_B1DHW, label_B, _ = medmnist.part(FLAG, "test", size=EDGE)
    return Volume(f"{name.lower()} of the test set", x_B1DHW[number, 0], key, truth=int(label_B[number]))


def random_test_gland() -> Volume:
    """A test gland; torch's own generator belongs to whoever trains."""
    x_B1DHW, label_B, _ = at_hand(partial(medmnist.part, FLAG, "test", size=EDGE)).value
    i = random.randrange(len(x_B1DHW))
    words = f"test gland {i + 1} of {len(x_B1DHW)}"
    return Volume(words, x_B1DHW[i, 0], f"test {i} of {len(x_B1DHW)}", truth=int(label_B[i]))


def upload(paths: Sequence[str]) -> Volume:
    """A visitor's file or files as a mask of 64³; ValueError in a visitor's words where they hold none."""
    found = volume_files.read(paths)
    x_DHW = (found.x_DHW > 0.5).byte() * 255
    return Volume(
        "your volume",
        x_DHW,
        f"upload {next(_LOADED)}",
        millimetres=found.millimetres,
        said=found.said,
        affine_44=found.affine_44,
    )


def rubbed(shown: Volume, strokes: Any) -> Volume:
    """The volume after balls were bitten off and filled in: `[x, y, z, radius, 0 or 1]` each, along D, H, W, in order.

    ValueError where they are none that the page sends, or leave nothing.
    """
    x_DHW = shown.x_DHW
    for x, y, z, radius, fill in _strokes(strokes):
        act = volume.filled if fill else volume.bitten
        x_DHW = act(x_DHW > 0, (x, y, z), radius).byte() * 255
    if not x_DHW.any():
        raise ValueError("Nothing is left of it. Take a bite back, and the net answers again.")
    return replace(shown, x_DHW=x_DHW)


def _strokes(strokes: Any) -> list[tuple[float, ...]]:
    if not isinstance(strokes, list) or len(strokes) > MOST_STROKES:
        raise ValueError(f"At most {MOST_STROKES} balls can be bitten off or filled in. Take some back.")
    found = []
    for stroke in strokes:
        if not isinstance(stroke, list) or len(stroke) != 5 or not all(isinstance(n, int | float) for n in stroke):
            raise ValueError("The rubber has sent what is no ball. Open the page again.")
        *place, radius, fill = stroke
        if not all(0 <= n < EDGE for n in place) or not 1 <= radius <= 16:
            raise ValueError("A ball’s middle lies inside the cube, and its radius is from 1 to 16 voxels.")
        found.append((*place, radius, fill))
    return found


# Why


def heat(net: Net[Any], shown: Volume, target: int, method: str) -> Tensor:
    """What speaks for class `target`, `(64, 64, 64)` ≥ 0, by one of `METHODS`."""
    x_1, model = to_unit(shown.x_1), net.model
    if method == GRADIENTS:
        return attribution.integrated_gradients(model, x_1, target, steps=16)[0, 0].detach().clamp(min=0)
    if method == BALL:
        return ball_occlusion(probabilities(net), x_1, target)[0].clamp(min=0)
    return gradcam.gradcam(model, model.layers()[-1], x_1, target)[0]


def probabilities(net: Net[Any]) -> Any:
    """The net as a function from volumes in [0, 1] to calibrated probabilities `(B, 2)`."""

    def score(x_B1DHW: Tensor) -> Tensor:
        parts = [net.model(part) for part in x_B1DHW.split(volumes.BATCH)]
        return (torch.cat(parts) / net.evidence["temperature"]).softmax(1)

    return score


class Verdict(NamedTuple):
    """A removal on the surface: the probability before, after the hottest share went, and after as much elsewhere."""

    before: float
    after: float
    elsewhere: float
    share: float


SHARE = 0.15
"""Of the surface's voxels, taken away where it is hottest."""


def check(net: Net[Any], shown: Volume, heat_DHW: Tensor, target: int) -> Verdict:
    """Bite the hottest part of the surface off, and as much of it elsewhere: which moves the answer more?"""
    found = surface_probe(probabilities(net), to_unit(shown.x_1), heat_DHW[None], target, share=SHARE)
    return Verdict(found.before_B.item(), found.after_B.item(), found.random_B.item(), SHARE)


# Size, lie, and how much is seen


def turned(net: Net[Any], shown: Volume) -> list[float]:
    """The probability of hyperplasia in each of a cube's 24 rotations, as it lies first."""
    turned_B1DHW = volume.rotations(shown.x_DHW)[:, None]
    return probability(net, turned_B1DHW).tolist()


def by_size(net: Net[Any], shown: Volume) -> list[tuple[float, float]]:
    """Millilitres and the probability, for the same shape made smaller and larger by `FACTORS` in each direction."""
    unit_1 = to_unit(shown.x_1)
    scaled = [volume.same_size(unit_1, shown.voxels * factor**3) for factor in FACTORS]
    p_B = probability(net, torch.cat([x.mul(255).byte() for x in scaled]))
    sizes = [x.sum().item() * shown.millimetres**3 / 1000 for x in scaled]
    return list(zip(sizes, p_B.tolist(), strict=True))


class Stop(NamedTuple):
    """A net by how much it sees: AUC on test with its interval, and its probability for the volume on the page."""

    name: str
    auc: float | None
    interval: dict[str, float] | None
    p: float | None


def stops(own: Own, shown: Volume | None) -> list[Stop]:
    """All of `RECIPES`, from their cards; the probability where there is a volume and a net."""
    return [_stop(name, recipe, own, shown) for name, recipe in RECIPES.items()]


def _stop(name: str, recipe: Recipe[Any], own: Own, shown: Volume | None) -> Stop:
    try:
        card = _checkpoint.card(recipe.name)
        net = active(recipe, own)
    except (CheckpointMissing, CheckpointDamaged):
        return Stop(name, None, None, None)
    p = probability(net, shown.x_1)[0].item() if shown else None
    return Stop(name, card.metrics["auc"], card.intervals.get("auc"), p)


def seen(name: str, shown: Volume) -> Tensor:
    """The pictures `(V, H, W)` in [0, 1] that a net of `RECIPES` sees of a volume; of one that sees all, twelve slices."""
    model = Net.pretrained(RECIPES[name]).model
    if isinstance(model, SliceNet):
        return model.pictures(to_unit(shown.x_1))[0]
    there_N = shown.x_DHW.flatten(1).any(1).nonzero()[:, 0]
    return to_unit(shown.x_DHW[there_N[torch.linspace(0, len(there_N) - 1, 12).long()]])


class Sizes(NamedTuple):
    """AUC on test as the glands are, all scaled to one volume, and as the mean over 24 rotations; by volume alone."""

    as_it_is: float
    same_size: float
    rotated: float
    volume_alone: float
    n: int


def sizes() -> Sizes:
    """From the shipped net's evidence."""
    facts = Net.pretrained(OURS).evidence
    sick_B = facts["label"] == SICK
    scores = (facts["p"][:, SICK], facts["p_same_size"], facts["p_rotated"].float().mean(1), facts["test_voxels"])
    return Sizes(*(auc(score_B.double(), sick_B) for score_B in scores), n=len(sick_B))


def shape_peer() -> tuple[str, float] | None:
    """The regression on shape measures, and its AUC on the same test volumes, where the benchmark has been run."""
    found = next((row for row in peers(OURS.name) if row["name"] == volumes.AUC.floor), None)
    return (found["name"], found["metrics"]["auc"]) if found else None
