"""What the Diagnose tab asks of its nets: what they look at, what one picture shows, and whether it is a stranger."""

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from demos._ui.nets import Net, active
from explanation import novelty
from models import CheckpointMissing, _checkpoint
from signals import image
from training import RESULTS, Recipe
from training.data import crc_cells, ph2
from training.recipes import cells_cnn, dermamnist_cnn, dermamnist_vgg19, dermoscopy, pathmnist_cnn

EXAMPLES = Path(__file__).parent / "examples"
MEDMNIST = (dermamnist_cnn.recipe, dermamnist_vgg19.recipe, pathmnist_cnn.recipe)
MEASURED = RESULTS / "diagnose.json"
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

    @property
    def hint(self) -> str:
        """What stands where the picture will be."""
        return f"Choose an example below, upload a picture, or take a test picture. This net expects {self.wants}."

    def picture(self, address: str) -> Tensor:
        """The picture in a `data:` address as the net sees it: its middle square, `(3, side, side)` uint8.

        Raises ValueError in a visitor's words where there is no picture in it.
        """
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
"""The nets that answer, by what the page calls their pictures."""


# The net


def active_net(subject: str, own: Net[Any] | None) -> Net[Any]:
    """The visitor's own net where it is of this subject, else the shipped one; CheckpointMissing says how to make it."""
    return active(SUBJECTS[subject].recipe, own)


def subject_of(net: Net[Any]) -> Subject:
    """What the net looks at."""
    return next(subject for subject in SUBJECTS.values() if subject.recipe.name == net.recipe.name)


def layers(net: Net[Any]) -> list[str]:
    """Where Grad-CAM can listen, early to late."""
    return net.model.layers()


def probabilities(net: Net[Any], x_BCHW: Tensor, model: nn.Module | None = None) -> Tensor:
    """Calibrated `(B, classes)` of pictures in [0, 1]; another `model` shares the temperature."""
    return ((model or net.model)(x_BCHW) / net.evidence["temperature"]).softmax(1)


def layer_at(net: Net[Any], depth: float) -> str:
    """The layer at a depth, 1 the earliest; what lies beyond either end is the end."""
    found = layers(net)
    return found[min(len(found), max(1, round(depth))) - 1]


def target_of(net: Net[Any], name: str) -> int:
    """The class called `name`; of a name from the other subject, the first."""
    classes = subject_of(net).classes
    return classes.index(name) if name in classes else 0


def untrained() -> list[str]:
    """The MedMNIST recipes that have no checkpoint yet."""
    found = []
    for recipe in MEDMNIST:
        try:
            _checkpoint.card(recipe.name)
        except CheckpointMissing:
            found.append(recipe.name)
    return found


# Pictures


@dataclass(frozen=True)
class Truth:
    """What is known of a test picture: its label, and the lesion's outline on moles, `(H, W)` bool."""

    label: int
    mask_HW: Tensor | None


@cache
def example(file: str) -> str:
    """An example that ships with the project, as a `data:` address."""
    return image.to_data_url(Image.open(EXAMPLES / file).convert("RGB"))


def examples(subject: Subject) -> list[dict[str, str]]:
    """The pictures that ship with the project, each with its name and its file's name as its key."""
    return [
        {
            "name": file.partition(".")[0].replace("-", ", ") + ("" if "cat" in file else ", drawn"),
            "key": file,
            "src": example(file),
        }
        for file in subject.examples
    ]


def upload(path: str) -> str:
    """A visitor's file as a `data:` address; ValueError in a visitor's words where it cannot be read.

    Small pictures stay as they are, to the pixel.
    """
    picture = image.read(path)
    picture.thumbnail((MAX_SHOWN, MAX_SHOWN), Image.Resampling.LANCZOS)
    return image.to_data_url(picture)


def test_sample(subject: Subject, i: int) -> tuple[Tensor, Truth]:
    """Test picture `i`, `(3, side, side)` uint8, and what is known of it.

    Raises DataMissing where the test set is not here, ValueError where it has no such picture.
    """
    x_B3HW, label_B, picture_B = crc_cells.part("test") if subject is CELLS else ph2.splits().test
    if i >= len(x_B3HW):
        raise ValueError(f"There is no test picture {i}: choose another.")
    mask_HW = None if subject is CELLS else ph2.masks()[picture_B[i]]
    return x_B3HW[i], Truth(int(label_B[i]), mask_HW)


def random_test_sample(subject: Subject) -> tuple[str, Tensor]:
    """A test picture, `(3, side, side)` uint8, after its key; DataMissing where the test set is not here."""
    n = len((crc_cells.part("test") if subject is CELLS else ph2.splits().test)[0])
    i = random.randrange(n)  # torch's own generator belongs to whoever trains
    return f"{subject.recipe.name} {i}", test_sample(subject, i)[0]


def look_up(subject: Subject, key: str, address: str) -> tuple[Tensor, Truth | None]:
    """A test picture by its key, with what is known of it; any other picture by its `data:` address."""
    recipe, _, index = key.rpartition(" ")
    if recipe == subject.recipe.name and index.isdecimal():
        return test_sample(subject, int(index))
    return subject.picture(address), None


# The answer


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

    @property
    def mask(self) -> Tensor | None:
        """`(H, W)` bool: the lesion's outline, where it is known."""
        return self.truth.mask_HW if self.truth else None


@torch.no_grad()
def classify(net: Net[Any], x_3HW: Tensor, truth: Truth | None = None) -> Reading:
    """Classify one 8-bit picture of the right size, `(3, H, W)`; `truth` is handed on."""
    p_C = probabilities(net, image.to_unit(x_3HW[None]))[0]
    known = novelty.KnnNovelty.kept(net.evidence, layers(net))
    distance = known.distances(net.model, x_3HW[None]).item()
    return Reading(subject_of(net).name, x_3HW, p_C, distance, known.threshold, truth)


# What the benchmark measured


def benchmark() -> dict[str, Any]:
    """The results of `benchmarks/diagnose.py`, part by part, where it has been run."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}


def quantized_rows() -> dict[str, dict[str, Any]]:
    """Accuracy, size and latency of the compiled int8 graphs on the test set, by kind."""
    return {row["kind"]: row for row in benchmark().get("quantization", [])}


def novelty_curves(net: Net[Any]) -> list[dict[str, Any]]:
    """How well strangers are told from the shipped net's own test pictures; nothing is known of a visitor's net."""
    return [] if net.own else benchmark().get("novelty", {}).get(net.recipe.name, [])
