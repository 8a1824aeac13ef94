"""What Diagnose asks of its nets: what one picture shows, how sure that is, and whether it is a stranger."""

import json
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from demos._ui.nets import Net, active
from demos.diagnose.subjects import SUBJECTS, Subject, Truth
from explanation import novelty
from models import CheckpointDamaged, CheckpointMissing, _checkpoint
from signals import image
from training import RESULTS, Recipe, peers
from training.recipes import dermamnist_cnn, dermamnist_vgg19, pathmnist_cnn

MEDMNIST = (dermamnist_cnn.recipe, dermamnist_vgg19.recipe, pathmnist_cnn.recipe)
MEASURED = RESULTS / "diagnose.json"


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


def layer_words(net: Net[Any], layer: str) -> str:
    """Which of the net's layers this is, and what layers so far along tell apart."""
    found = layers(net)
    i = found.index(layer) + 1
    kind = ("early: edges and spots", "in the middle: textures", "late: shapes")[min(2, 3 * (i - 1) // len(found))]
    return f"layer {i} of {len(found)} ({kind})"


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
        except (CheckpointMissing, CheckpointDamaged):
            found.append(recipe.name)
    return found


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
    def coloured(self) -> bool:
        """Whether it has colour where its subject has none."""
        return SUBJECTS[self.subject].grey and bool(image.colourfulness(self.x_3HW[None]) > image.COLOURED)

    @property
    def unfamiliar(self) -> bool:
        """Whether it is no picture of the kind that the net has learnt from, by colour or by how the net sees it."""
        return self.coloured or self.distance > self.threshold

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


def beside(recipe: Recipe[Any]) -> list[tuple[str, float]]:
    """The shipped net's headline, called “”, and every peer's by its name, on the same test pictures, the best first.

    CheckpointMissing where nothing ships.
    """
    key = recipe.headline.key
    ours = _checkpoint.card(recipe.name).metrics[key]
    others = [(p["name"].replace("`", ""), p["metrics"][key]) for p in peers(recipe.name) if "n" not in p]
    return sorted([("", ours), *others], key=lambda row: row[1], reverse=not recipe.headline.lower_is_better)


def strangers(net: Net[Any]) -> list[dict[str, Any]]:
    """How many strangers of each kind the shipped net notices; nothing is known of a visitor's net."""
    return [] if net.own else benchmark().get("novelty", {}).get(net.recipe.name, [])
