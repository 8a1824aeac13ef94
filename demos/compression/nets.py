"""A trained net at a budget: taken apart once and truncated, or one of the distilled nets; what it costs and scores."""

import itertools
import json
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from compression.cost import Cost, cost, latencies_ms, parameters
from compression.lowrank import Compressed, Factorisation
from demos._ui.nets import Net
from metrics.classification import accuracy
from models import CheckpointMissing, _checkpoint
from training import RESULTS, DataDamaged, DataMissing, Recipe, Run, catalogue
from training.data import at_hand, mnist
from training.recipes import mnist_mlp_rank20

MEASURED = RESULTS / "compression.json"
_READERS = {name: recipe for name, recipe in catalogue().items() if recipe.data is mnist.splits}
DENSE: dict[str, Recipe[Any]] = {n: r for n, r in _READERS.items() if r.model.func is not Compressed}
"""The nets that can be chosen: whatever reads digits and is not compressed already."""
DISTILLED: dict[str, Recipe[Compressed]] = {n: r for n, r in _READERS.items() if r.model.func is Compressed}
"""Nets that `mnist_mlp` has taught, each with ranks of its own."""
PLAIN, WHITENED, DISTILLATION = METHODS = ("Plain", "Whitened", "Whitened and distilled")
PICTURE = torch.zeros(1, 1, 28, 28)


class Score(NamedTuple):
    """An accuracy, 0 to 1: measured on `n` test digits, or read off the stored curve where there is no n."""

    accuracy: float
    n: int | None = None


@dataclass(frozen=True)
class Choice:
    """Where the controls stand, with the weights as they are at that moment: `percent` is of the dense float32 bytes.

    Choices of equal weights are equal, so that what is computed from one may be remembered by it.
    """

    net: Net[Any]
    percent: float
    method: str
    precision: str
    distilled: tuple[Net[Compressed], ...] = ()
    """What there is to choose from, where the method is distillation."""

    @classmethod
    def of(cls, name: str, percent: float, method: str, precision: str) -> "Choice":
        """As the controls say; CheckpointMissing says how to make the net called `name`."""
        distilled = tuple(_present()) if method == DISTILLATION else ()
        return cls(Net.pretrained(DENSE[name]), percent, method, precision, distilled)

    @property
    def name(self) -> str:
        return self.net.recipe.name

    @property
    def int8(self) -> bool:
        return self.precision == "int8"

    @property
    def most_bytes(self) -> float:
        """The budget."""
        return self.percent / 100 * float32_bytes(self.net)


@dataclass(frozen=True)
class Point:
    """One compressed net and what it costs; `checkpoint` is its name, where it is a distilled one."""

    net: Compressed
    cost: Cost
    checkpoint: str | None = None

    @property
    def ranks(self) -> dict[str, int]:
        return self.net.ranks

    @property
    def bytes(self) -> int:
        """What the budget counts: 4 for each number of a float net, the file of an int8 one."""
        return self.cost.bytes if self.net.int8 else 4 * self.cost.parameters


@dataclass(frozen=True)
class Own:
    """What a visitor distilled: the net, its bytes as the budget counts them, and what it scores."""

    net: Net[Compressed]
    bytes: int
    score: Score

    @classmethod
    def from_run(cls, run: Run[Compressed]) -> "Own":
        """The best net of a visitor's run, measured once."""
        net = Net.from_run(run, {})
        return cls(net, 4 * parameters(net.model), test_score(net.model))


# The dense net


@lru_cache(maxsize=4)
def dense_cost(net: Net[Any]) -> Cost:
    """What the dense net costs."""
    return cost(net.model, PICTURE)


def float32_bytes(net: Net[Any]) -> int:
    """The dense net's bytes in float32: the base of every × on this tab."""
    return 4 * dense_cost(net).parameters


@lru_cache(maxsize=4)
def factorisation(net: Net[Any], method: str) -> Factorisation:
    """The net taken apart once; DataMissing where whitening needs training pictures that are not here."""
    if method == PLAIN:
        return Factorisation(net.model, method="plain")
    train = at_hand(mnist.splits).value.train
    return Factorisation(net.model, mnist_mlp_rank20.calibration(train), method="whitened")


def matrices(net: Net[Any]) -> dict[str, Tensor]:
    """The weight matrices `(O, I)` that can be factored, by layer."""
    apart = factorisation(net, PLAIN)
    return {layer: apart.matrix(layer) for layer in apart.spectra}


@lru_cache(maxsize=32)
def singular_values(net: Net[Any], layer: str) -> Tensor:
    """`(K,)`, falling."""
    return torch.linalg.svdvals(matrices(net)[layer])


# The compressed net


@lru_cache(maxsize=8)
def compress(choice: Choice) -> Point:
    """The net at the chosen budget; ValueError where no rank, or no distilled net, meets it."""
    if choice.method == DISTILLATION:
        return _largest_distilled(choice)
    apart = factorisation(choice.net, choice.method)
    net = apart.compressed(apart.ranks(choice.percent / 100, "int8" if choice.int8 else "float32"), int8=choice.int8)
    return Point(net, cost(net, PICTURE))


def _present() -> list[Net[Compressed]]:
    """The distilled nets whose checkpoints are here."""
    found = []
    for recipe in DISTILLED.values():
        try:
            found.append(Net.pretrained(recipe))
        except CheckpointMissing:
            continue
    return found


def _largest_distilled(choice: Choice) -> Point:
    """The largest distilled net that fits the budget."""
    if choice.name != "mnist_mlp":
        raise ValueError("Distilled nets are on the shelf for mnist_mlp only: choose it, or another method.")
    points = (_distilled_point(net, choice.int8) for net in choice.distilled)
    fitting = [point for point in points if point.bytes <= choice.most_bytes]
    if not fitting:
        raise ValueError(f"No distilled net fits into {choice.percent:g} %. Raise the budget, or choose int8.")
    return max(fitting, key=lambda point: point.bytes)


@lru_cache(maxsize=2 * len(DISTILLED))
def _distilled_point(net: Net[Compressed], int8: bool) -> Point:
    model = net.model.quantized() if int8 else net.model
    return Point(model, cost(model, PICTURE), net.recipe.name)


def matrix_after(net: Compressed, layer: str) -> Tensor:
    """The product of a layer's factors, or the layer as it is, `(O, I)` in float32."""
    found = net.net.get_submodule(layer)
    if isinstance(found, nn.Sequential):
        down, up = (_float_weight(part) for part in found)
        return up.flatten(1) @ down.flatten(1)
    return _float_weight(found).flatten(1)


def _float_weight(layer: nn.Module) -> Tensor:
    weight = layer.weight
    assert isinstance(weight, Tensor)
    return weight.detach().float()


def distillation(choice: Choice) -> Recipe[Any]:
    """The recipe that teaches the chosen point, from its own truncated weights, by the dense net.

    A net that is distilled already begins again, from the whitened one of the same budget. ValueError where there is
    nothing to teach.
    """
    if choice.name != "mnist_mlp":
        raise ValueError("The recipe for distillation teaches mnist_mlp: choose it above.")
    if choice.method == DISTILLATION:
        choice = replace(choice, method=WHITENED, distilled=())
    ranks = compress(choice).ranks
    if not ranks:
        raise ValueError("At this budget nothing is left out, so there is nothing to teach. Lower the budget first.")
    truncated = factorisation(choice.net, choice.method).compressed(ranks)
    return replace(
        mnist_mlp_rank20.recipe,
        model=partial(Compressed, **_checkpoint.config(truncated)),
        initial=lambda model, splits: model.load_state_dict(truncated.state_dict()),
    )


# What it scores


@lru_cache(maxsize=256)
def measure(choice: Choice) -> Score:
    """Accuracy on MNIST's test set; DataMissing where the test set is not here."""
    return test_score(compress(choice).net)


def test_score(net: nn.Module) -> Score:
    """The share of MNIST's test set that `net` reads right; DataMissing where the test set is not here."""
    x_B, label_B = at_hand(lambda: mnist.official("test")).value
    with torch.no_grad():
        answers = torch.cat([net(part.float() / 255).argmax(1) for part in x_B.split(1000)])
    return Score(accuracy(answers, label_B), len(label_B))


def score(choice: Choice) -> Score | None:
    """What the chosen net scores: measured where the test set is here, else off the stored curve where that reaches."""
    try:
        return measure(choice)
    except (DataMissing, DataDamaged):
        point = compress(choice)
        return interpolated_accuracy(choice, point.bytes, point.checkpoint)


def interpolated_accuracy(choice: Choice, size: float, checkpoint: str | None = None) -> Score | None:
    """Accuracy at `size` bytes off the stored curve of the same method: exact for a distilled net, else in between."""
    method = "distilled" if checkpoint else f"{choice.method.lower()}, global budget"
    precision = "int8" if choice.int8 or checkpoint == "mnist_mlp_x93" else "float32"
    rows = [r for r in benchmark(choice.name) if (r["method"], r["precision"]) == (method, precision)]
    if checkpoint:
        return next((Score(r["accuracy"]) for r in rows if r["point"] == checkpoint), None)
    rows = sorted(rows, key=lambda r: r["bytes"])
    for low, high in itertools.pairwise(rows):
        if low["bytes"] <= size <= high["bytes"]:
            share = (size - low["bytes"]) / (high["bytes"] - low["bytes"])
            return Score(low["accuracy"] + share * (high["accuracy"] - low["accuracy"]))
    return None


def benchmark(name: str) -> list[dict[str, Any]]:
    """What `benchmarks/compression.py` measured of the net on the test set, for machines without it."""
    rows = json.loads(MEASURED.read_text(encoding="utf-8"))["rows"] if MEASURED.exists() else []
    return [row for row in rows if row["of"] == name]


def latency_ratio(choice: Choice) -> float:
    """The compressed net's time for one picture as a share of the dense net's, in turns on this machine."""
    found = latencies_ms({"dense": choice.net.model, "small": compress(choice).net}, PICTURE, rounds=15)
    return found["small"] / found["dense"]
