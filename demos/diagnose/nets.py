"""What the Diagnose tab asks of its nets: a reading of one picture, a heat map of it, and whether the map tells the truth."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from compression.rounded import Rounded
from explanation.attribution import integrated_gradients, occlusion, smooth_gradient
from explanation.faithfulness import Probe, deletion, displaced, energy_inside, insertion, mean_filling, melting, probe
from explanation.gradcam import gradcam
from explanation.novelty import Familiar
from models import _checkpoint
from models._checkpoint import CheckpointMissing, shared
from signals import image
from training._recipe import Recipe
from training._run import Run
from training.data import crc_cells, ph2
from training.data._root import DataDamaged, DataMissing
from training.recipes import cells_cnn, cells_cnn_qat, dermoscopy

EXAMPLES = Path(__file__).parent / "examples"
GRADCAM, GRADIENTS, OCCLUSION, SMOOTH = METHODS = ("Grad-CAM", "Integrated gradients", "Occlusion", "SmoothGrad")
HOTTEST = 0.2
ROUNDS = 8
MAX_SHOWN = 448
"""Pixels of an uploaded picture's longer side that are kept to be shown."""


@dataclass(frozen=True)
class Subject:
    """What one of the two nets looks at."""

    name: str
    recipe: Recipe[Any]
    classes: tuple[str, ...]
    side: int
    wants: str
    examples: tuple[str, ...]

    def picture(self, address: str) -> Tensor:
        """The picture in a `data:` address as the net sees it: its middle square, `(3, side, side)` uint8."""
        return image.square(image.from_data_url(address), self.side)


CELLS = Subject(
    name="Colon cells",
    recipe=cells_cnn.recipe,
    classes=crc_cells.CLASSES,
    side=crc_cells.SIDE,
    wants="one stained cell nucleus in the middle, 27 × 27 pixels at 20 × magnification",
    examples=("cell-round.png", "cell-long.png", "cell-large.png", "mole-even.jpg", "cat.jpg"),
)
MOLES = Subject(
    name="Moles",
    recipe=dermoscopy.recipe,
    classes=ph2.CLASSES,
    side=ph2.SIDE,
    wants="one mole in the middle, seen through a dermoscope",
    examples=("mole-even.jpg", "mole-two-toned.jpg", "mole-ragged.jpg", "cell-round.png", "cat.jpg"),
)
SUBJECTS = {subject.name: subject for subject in (CELLS, MOLES)}


@dataclass(frozen=True)
class Net:
    """A net with the evidence about it: the shipped one, or one that a visitor has just trained."""

    subject: Subject
    model: nn.Module
    evidence: dict[str, Tensor]
    own: bool = False

    @property
    def layers(self) -> list[str]:
        model: Any = self.model
        return model.layers()

    @property
    def temperature(self) -> float:
        return self.evidence["temperature"].item()

    def probabilities(self, x_BCHW: Tensor, model: nn.Module | None = None) -> Tensor:
        """Calibrated `(B, classes)` of pictures in [0, 1]; another `model` shares the temperature."""
        return ((model or self.model)(x_BCHW) / self.temperature).softmax(1)

    def familiar(self) -> Familiar:
        return Familiar.kept(self.evidence, self.layers)


@dataclass(frozen=True)
class Truth:
    """What is known of a picture that is among the test pictures: its label, and the lesion's outline on moles."""

    label: int
    mask_HW: Tensor | None


@dataclass(frozen=True)
class Reading:
    """What a net made of one picture `x_3HW` (uint8): `p_C`, how unlike its training data it is, and the truth."""

    subject: str
    x_3HW: Tensor
    p_C: Tensor
    distance: float
    threshold: float
    truth: Truth | None

    @property
    def unfamiliar(self) -> bool:
        return self.distance > self.threshold

    @property
    def unit(self) -> Tensor:
        """`(1, 3, H, W)` in [0, 1]."""
        return image.to_unit(self.x_3HW[None])


@dataclass(frozen=True)
class Verdict:
    """One map and its checks: removing what is hot against removing the same map laid down elsewhere."""

    heat_HW: Tensor
    before: float
    after: float
    random: float
    inside: float | None
    area: float | None

    @property
    def silent(self) -> bool:
        """Nothing is hot: there is no map to judge."""
        return not bool(self.heat_HW.max() > 0)

    @property
    def holds(self) -> bool:
        """The hot places cost more than as many elsewhere, by at least two points of probability."""
        return not self.silent and self.random - self.after > 0.02


def shipped(subject: Subject) -> Net:
    """The checkpoint's net; CheckpointMissing says how to make it."""
    model: Any = subject.recipe.model.func
    checkpoint = shared(model, subject.recipe.name)
    return Net(subject, checkpoint.model, checkpoint.evidence)


def trained(run: Run[Any]) -> Net:
    """The best net of a visitor's run, with evidence of its own."""
    subject = next(s for s in SUBJECTS.values() if s.recipe.name == run.recipe.name)
    model = run.finished()
    assert run.recipe.evidence is not None
    return Net(subject, model, run.recipe.evidence(model, run.splits), own=True)


def chosen(subject: str, own: Net | None) -> Net:
    """The visitor's own net where it reads this subject, else the shipped one."""
    return own if own is not None and own.subject.name == subject else shipped(SUBJECTS[subject])


@torch.no_grad()
def read(net: Net, x_3HW: Tensor) -> Reading:
    """Read one 8-bit picture of the right size."""
    p_C = net.probabilities(image.to_unit(x_3HW[None]))[0]
    familiar = net.familiar()
    distance = familiar.distances(net.model, x_3HW[None]).item()
    return Reading(net.subject.name, x_3HW, p_C, distance, familiar.threshold, truth(net.subject, x_3HW))


def truth(subject: Subject, x_3HW: Tensor) -> Truth | None:
    """The label of a test picture, told by its pixels; nothing where it is none, or where the test set is not here."""
    try:
        if subject is CELLS:
            x_B3HW, label_B, _ = crc_cells.part("test")
            masks = None
        else:
            (x_B3HW, label_B), masks = ph2.pictures(), ph2.masks()
    except (DataMissing, DataDamaged):
        return None
    same = (x_B3HW == x_3HW).flatten(1).all(1).nonzero().flatten().tolist()
    return Truth(int(label_B[same[0]]), None if masks is None else masks[same[0]]) if same else None


def test_pictures(subject: Subject) -> Tensor:
    """The subject's test pictures, 8-bit; DataMissing where they are not here."""
    return crc_cells.part("test")[0] if subject is CELLS else ph2.splits().test[0]


def heat(net: Net, model: nn.Module, x_BCHW: Tensor, target: int, layer: str, method: str) -> Tensor:
    """`(H, W)` ≥ 0: what spoke for class `target`. Only Grad-CAM listens at `layer`; the others ask the input."""
    side = x_BCHW.shape[-1]
    if method == GRADCAM:
        return gradcam(model, layer, x_BCHW, target)[0]
    if method == GRADIENTS:
        plain_BCHW = mean_filling(x_BCHW).expand_as(x_BCHW)
        found = integrated_gradients(model, x_BCHW, target, baseline_BX=plain_BCHW, steps=16)
        return found[0].sum(0).clamp(min=0).detach()
    if method == SMOOTH:
        return smooth_gradient(model, x_BCHW, target, samples=12)[0].abs().sum(0).detach()
    window, filling = max(3, side // 5), mean_filling(x_BCHW).expand_as(x_BCHW)
    return occlusion(model, x_BCHW, target, window=window, stride=max(1, window // 2), baseline=filling)[0, 0].clamp(
        min=0
    )


def judge(net: Net, reading: Reading, heat_HW: Tensor, target: int) -> Verdict:
    """Remove the hottest fifth and look at the probability; the same with the map laid down elsewhere, eight times."""
    found: Probe = probe(
        net.probabilities, reading.unit, heat_HW[None], target, share=HOTTEST, control=displaced, rounds=ROUNDS
    )
    mask_HW = reading.truth.mask_HW if reading.truth else None
    inside = energy_inside(heat_HW[None], mask_HW[None]).item() if mask_HW is not None else None
    area = mask_HW.double().mean().item() if mask_HW is not None else None
    return Verdict(heat_HW, found.before_B.item(), found.after_B.item(), found.random_B.item(), inside, area)


def areas(
    net: Net, reading: Reading, heat_HW: Tensor, target: int, *, steps: int = 10
) -> dict[str, tuple[float, float]]:
    """Deletion's and insertion's area, of the map and of the mean of three maps laid down elsewhere."""
    others_BHW = torch.cat([displaced(heat_HW[None], seed=i) for i in range(3)])
    maps_BHW = torch.cat([heat_HW[None], others_BHW])
    x_BCHW = reading.unit.expand(len(maps_BHW), -1, -1, -1)
    found = {}
    for name, curve in (("deletion", deletion), ("insertion", insertion)):
        area_B = curve(net.probabilities, x_BCHW, maps_BHW, target, steps=steps).area()
        found[name] = (area_B[0].item(), area_B[1:].mean().item())
    return found


def melted(net: Net, reading: Reading, target: int, layer: str, method: str) -> Iterator[tuple[str, Tensor, float]]:
    """The randomised-weights check, from the head backwards: the stage that went, the map, its likeness to the whole's."""

    def explain(model: nn.Module) -> Tensor:
        return heat(net, model, reading.unit, target, layer, method)[None]

    for name, heat_BHW, alike_B in melting(net.model, explain, stages=[*net.layers, "head"]):
        yield name, heat_BHW[0], alike_B.item()


def roundings(net: Net) -> dict[str, nn.Module]:
    """The cells' net in float and with 8-bit arithmetic in three ways; the taught one belongs to the shipped net."""
    if net.subject is not CELLS:
        return {}
    static = Rounded.of(net.model)
    static.set_ranges(net.evidence["ranges"])
    found: dict[str, nn.Module] = {
        "float32": net.model, "dynamic int8": Rounded.of(net.model), "static int8": static,
    }  # fmt: skip
    if not net.own:
        with suppress(CheckpointMissing):
            found["quantization-aware int8"] = shared(Rounded, cells_cnn_qat.recipe.name).model
    return found


def layer_of(net: Net, model: nn.Module, layer: str) -> str:
    """The same place in a rounded form of the net."""
    return f"net.{layer}" if isinstance(model, Rounded) else layer


def untrained(names: tuple[str, ...]) -> list[str]:
    """The recipes among these that have no checkpoint yet."""
    found = []
    for name in names:
        try:
            _checkpoint.card(name)
        except CheckpointMissing:
            found.append(name)
    return found


@cache
def example(file: str) -> str:
    """An example that ships with the project, as a `data:` address."""
    return image.to_data_url(Image.open(EXAMPLES / file).convert("RGB"))


def uploaded(path: str) -> str:
    """A visitor's file as a `data:` address; ValueError in a visitor's words where it cannot be read.

    Small pictures stay as they are, to the pixel.
    """
    picture = image.read(path)
    picture.thumbnail((MAX_SHOWN, MAX_SHOWN), Image.Resampling.LANCZOS)
    return image.to_data_url(picture)
