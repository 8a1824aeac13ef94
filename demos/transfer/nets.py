"""What Transfer learning asks of its nets: every backbone about one picture, heads from few pictures, features by depth."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from demos._ui.nets import Net, active
from demos.transfer.groceries import SIDE, Grocery, training_samples
from explanation.novelty import NEIGHBOURS, directions, neighbour_distances
from metrics.classification import accuracy
from models import CheckpointDamaged, CheckpointMissing, _checkpoint, published
from models.transfer import TransferNet, pooled_by_depth
from signals.colours import histogram
from signals.image import to_unit
from training import RESULTS, Recipe, Run, find
from training.data.grocery import CLASSES
from training.recipes import grocery_mobilenet_v2, grocery_scratch
from training.tasks import classification, transfer

LEAD = "mobilenet_v2"
"""The backbone whose features are looked into, and on which a visitor's head is solved."""
BACKBONES: dict[str, Recipe[TransferNet]] = {
    name: find(f"grocery_{name}") for name in sorted(published.BACKBONES, key=LEAD.__ne__)
}
"""The recipe of each backbone by its name, the leading one first."""
RECIPES: dict[str, Recipe[Any]] = BACKBONES | {"scratch": grocery_scratch.recipe}
TITLES = {name: published.BACKBONES[name].title for name in BACKBONES} | {"scratch": "From scratch"}
SHIPPED = {name: TITLES[name] for name in (*sorted(published.SHIPPED, key=LEAD.__ne__), "scratch")}
"""What can be asked about the test set, and trained, without a download."""
COLOURS = "Colours alone"
"""What answers by a histogram, without any net."""
DEPTHS = 19
"""At how many blocks of the leading backbone features can be taken."""
NEAREST = 6
Own = Net[Any] | None


# Which nets are here


def net_of(name: str, own: Own) -> Net[Any]:
    """The visitor's own net where it is of this name, else the shipped one; CheckpointMissing says how to make it."""
    return active(RECIPES[name], own)


def own_net(run: Run[Any]) -> Net[Any]:
    """The best net of a visitor's run with its temperature, fitted on validation: all that an answer needs of evidence."""
    model, (x_B3HW, label_B, *_) = run.best_model(), run.splits.valid
    degree = classification.temperature(transfer.predict_logits(model, x_B3HW), label_B)
    return Net.from_run(run, {"temperature": torch.tensor(degree)})


def here(own: Own) -> dict[str, Net[Any]]:
    """The nets that can answer, by their name, backbones first."""
    found = {}
    for name in RECIPES:
        try:
            found[name] = net_of(name, own)
        except (CheckpointMissing, CheckpointDamaged):
            continue
    return found


def missing(own: Own) -> dict[str, str]:
    """The backbones that are not here, each with the sentence that says how to get it."""
    found = here(own)
    return {name: published.command(name) for name in BACKBONES if name not in found}


def megabytes(net: Net[Any]) -> float:
    """What its weights take on a disk: its own checkpoint, and of a backbone that ships the one copy of the trunk."""
    name = net.recipe.name.removeprefix("grocery_")
    trunk = published.FOLDER / f"{name}.safetensors"
    shared = trunk.stat().st_size if name in published.SHIPPED else 0
    try:
        return (shared + _checkpoint.card(net.recipe.name).bytes) / 1e6
    except (CheckpointMissing, CheckpointDamaged):  # a net of one's own, of which nothing is on the disk yet
        return (shared + sum(4 * t.numel() for t in net.model.state_dict().values())) / 1e6


def kept_of(name: str) -> Mapping[str, Tensor] | None:
    """The evidence of a shipped net; None where it is not here."""
    try:
        return net_of(name, None).evidence
    except (CheckpointMissing, CheckpointDamaged):
        return None


@lru_cache(maxsize=2)
def trunk(name: str = LEAD) -> TransferNet:
    """A published backbone as it is, for all visitors: nobody trains it."""
    return TransferNet(name=name, classes=len(CLASSES)).eval()


# One picture


@dataclass(frozen=True)
class Answer:
    """What one of them says of a picture: `p_C`, in how many milliseconds, and how large it is; the colours weigh nothing."""

    name: str
    title: str
    p_C: Tensor
    milliseconds: float
    megabytes: float

    @property
    def label(self) -> int:
        return int(self.p_C.argmax())


@dataclass(frozen=True)
class Reading:
    """One picture as all see it: their answers, its features at each depth of the leading backbone, and how strange it is.

    `distance` is to the fifth nearest training picture; above `threshold` it is no grocery, and None where the
    evidence about that is not here.
    """

    picture: Grocery
    answers: tuple[Answer, ...]
    depths: tuple[Tensor, ...]
    distance: float | None
    threshold: float | None

    @property
    def backbones(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.name in BACKBONES]

    @property
    def said(self) -> int | None:
        """What most backbones say; of as many, what the surer mean says. None where there is none."""
        told = self.backbones or list(self.answers)
        if not told:
            return None
        votes_C = sum(F.one_hot(answer.p_C.argmax(), len(CLASSES)) + answer.p_C / 10 for answer in told)
        return int(torch.as_tensor(votes_C).argmax())

    @property
    def strange(self) -> bool:
        return self.distance is not None and self.threshold is not None and self.distance > self.threshold


def read(picture: Grocery, own: Own) -> Reading:
    """Ask everything that is here about one picture."""
    x_13HW = picture.x_3HW[None]
    found = here(own)
    answers = [_answer(name, net, x_13HW) for name, net in found.items()]
    if colours := colour_net():
        answers.append(_by_colour(colours, x_13HW))
    with torch.no_grad():
        depths = tuple(pooled_by_depth(trunk(), to_unit(x_13HW)))
    kept = kept_of(LEAD) or {}
    distance = threshold = None
    if "familiar_threshold" in kept:
        distance = neighbour_distances(depths[-1], kept["train_features"]).item()
        threshold = kept["familiar_threshold"].item()
    return Reading(picture, tuple(answers), depths, distance, threshold)


def _answer(name: str, net: Net[Any], x_13HW: Tensor) -> Answer:
    began = time.perf_counter()
    p_C = probabilities(net, to_unit(x_13HW))[0]
    return Answer(name, TITLES[name], p_C, 1000 * (time.perf_counter() - began), megabytes(net))


@torch.no_grad()
def probabilities(net: Net[Any], x_BCHW: Tensor) -> Tensor:
    """Calibrated `(B, C)` of pictures in [0, 1], the mean of each and its mirror image, at the net's own size."""
    x_BCHW = _sized(net, x_BCHW)
    logit_BC = (net.model(x_BCHW) + net.model(x_BCHW.flip(3))) / 2
    return (logit_BC / net.evidence["temperature"]).softmax(1)


def _sized(net: Net[Any], x_BCHW: Tensor) -> Tensor:
    """The net from scratch has learnt from smaller pictures."""
    side = SIDE if isinstance(net.model, TransferNet) else grocery_scratch.SIDE
    return x_BCHW if x_BCHW.shape[-1] == side else F.interpolate(x_BCHW, (side, side), mode="bilinear", antialias=True)


def colour_net() -> Net[Any] | None:
    """The shipped net from scratch, in whose evidence the head on colours is kept; None where it is not here."""
    kept = kept_of("scratch")
    return net_of("scratch", None) if kept and "colour_weight" in kept else None


def _by_colour(net: Net[Any], x_13HW: Tensor) -> Answer:
    began = time.perf_counter()
    p_C = colour_probabilities(net, x_13HW)[0]
    size = 4e-6 * (net.evidence["colour_weight"].numel() + net.evidence["colour_bias"].numel())
    return Answer("colours", COLOURS, p_C, 1000 * (time.perf_counter() - began), size)


def colour_probabilities(net: Net[Any], x_B3HW: Tensor) -> Tensor:
    """`(B, C)` by the colours of 8-bit pictures, at the size at which the head was solved."""
    small_B3HW = (255 * _sized(net, to_unit(x_B3HW))).round().clamp(0, 255).byte()
    return (histogram(small_B3HW) @ net.evidence["colour_weight"] + net.evidence["colour_bias"]).softmax(1)


# Heads from few pictures


@dataclass(frozen=True)
class FewShot:
    """Linear heads from `count` pictures of each class, one a draw: accuracy on test, and what each says of the picture."""

    count: int
    accuracy: tuple[float, ...]
    n: int
    said: tuple[int, ...]
    milliseconds: float


def few_shot(kept: Mapping[str, Tensor], count: int, features_1D: Tensor | None) -> FewShot:
    """Solve the heads of five draws from the features in the evidence, and ask them about test and one picture more."""
    train_ND, label_N = kept["train_features"].float(), kept["train_label"]
    began, right, said = time.perf_counter(), [], []
    for draw in range(transfer.DRAWS):
        index = transfer.drawn(label_N, count, draw)
        head = transfer.few_shot_head(train_ND[index], label_N[index], len(CLASSES))
        right.append(accuracy(head.scores(kept["test_features"].float()).argmax(1), kept["label"]))
        if features_1D is not None:
            said.append(int(head.scores(features_1D).argmax()))
    took = 1000 * (time.perf_counter() - began)
    return FewShot(count, tuple(right), len(kept["label"]), tuple(said), took)


# Depth


@dataclass(frozen=True)
class Near:
    """A training picture that is near at some depth: itself `(3, H, W)` uint8, its class, and its distance, 0 to √2."""

    x_3HW: Tensor
    label: int
    distance: float


@lru_cache(maxsize=1)
def sample_depths() -> tuple[Tensor, ...]:
    """`directions` of the training pictures that ship at each depth of the leading backbone, computed once for all."""
    x_B3HW, _ = training_samples()
    return tuple(map(directions, transfer.features(trunk(), x_B3HW)))


def nearest(reading: Reading, depth: int) -> list[Near]:
    """The training pictures that ship whose features at that depth, 1 the earliest, lie nearest."""
    x_B3HW, label_B = training_samples()
    at = min(max(depth, 1), len(reading.depths)) - 1
    distance_B = torch.cdist(directions(reading.depths[at]), sample_depths()[at])[0]
    order = distance_B.argsort()[:NEAREST].tolist()
    return [Near(x_B3HW[i], int(label_B[i]), distance_B[i].item()) for i in order]


# The map


def place(kept: Mapping[str, Tensor], features_1D: Tensor) -> Tensor:
    """Where a picture belongs on the map: the mean `(2,)` of its nearest training pictures' places, the nearer the more."""
    distance_N = torch.cdist(directions(features_1D), directions(kept["train_features"]))[0]
    near_K, index_K = distance_N.topk(NEIGHBOURS, largest=False)
    weight_K = 1 / (near_K + 1e-3)
    return (weight_K[:, None] * kept["map"][index_K]).sum(0) / weight_K.sum()


def measured(name: str) -> dict[str, Any]:
    """What a benchmark has found; nothing where it has not been run."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def lead_recipe() -> Recipe[TransferNet]:
    """The recipe whose number heads the tab."""
    return grocery_mobilenet_v2.recipe
