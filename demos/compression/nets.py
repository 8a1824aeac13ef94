"""A trained net at one of its measured sizes: cut from the whole, or taught by it; what it costs and scores."""

import json
import math
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from compression.cost import Cost, cost, parameters
from compression.lowrank import Compressed, Factorisation, highest_rank
from compression.quantization import layers_of
from demos._ui.nets import Net
from metrics.classification import accuracy
from models import CheckpointDamaged, CheckpointMissing, _checkpoint
from training import RESULTS, Recipe, Run, catalogue
from training.data import at_hand, mnist
from training.recipes import mnist_mlp_rank20

MEASURED = RESULTS / "compression.json"
_READERS = {name: recipe for name, recipe in catalogue().items() if recipe.data is mnist.splits}
WHOLE: dict[str, Recipe[Any]] = {n: r for n, r in _READERS.items() if r.model.func is not Compressed}
"""The nets that read digits and are not compressed already."""
DISTILLED: dict[str, Recipe[Compressed]] = {n: r for n, r in _READERS.items() if r.model.func is Compressed}
"""Nets that `mnist_mlp` has taught, each with ranks of its own."""
NAME = "mnist_mlp"
"""The net that is made smaller here."""
METHODS = PLAIN, WHITENED, TAUGHT = ("Cut", "Cut with care", "Cut and taught")
"""Singular values cut plainly; by what they do to digits (whitened); and a cut net taught by the whole one (distilled)."""
NUMBERS = FLOAT, BYTE = ("32-bit numbers", "8-bit numbers")
ROWS = {PLAIN: "plain, global budget", WHITENED: "whitened, global budget", TAUGHT: "distilled"}
"""What the benchmark calls the methods."""
PRECISIONS = {FLOAT: "float32", BYTE: "int8"}
ALIKE = 1.05
"""Sizes that differ by less than this factor are one stop: the net that reads better."""
PICTURE = torch.zeros(1, 1, 28, 28)


class Stop(NamedTuple):
    """One measured size of one method: `accuracy` with its 95 % interval on `n` test digits, `time` as a share of the whole net's."""

    point: str
    bytes: int
    times_smaller: float
    accuracy: float
    low: float
    high: float
    n: int
    time: float
    precision: str

    @property
    def title(self) -> str:
        """How many times smaller, in two digits."""
        times = self.times_smaller
        return "whole" if times == 1 else f"{times:.0f} ×" if times >= 9.95 else f"{times:.1f} ×"

    @property
    def wrong(self) -> int:
        """How many of the test digits are read wrong."""
        return round((1 - self.accuracy) * self.n)


class Score(NamedTuple):
    """An accuracy, 0 to 1, on `n` test digits."""

    accuracy: float
    n: int


@dataclass(frozen=True)
class Choice:
    """Where the controls stand, with the weights as they are at that moment.

    Choices of equal weights are equal, so that what is computed from one may be remembered by it.
    """

    net: Net[Any]
    stop: Stop
    method: str
    taught: Net[Compressed] | None = None
    """The net that was taught, where the method is that."""

    @classmethod
    def of(cls, point: str, method: str, numbers: str) -> "Choice":
        """As the controls say; ValueError where there is no such stop, CheckpointMissing says how to make the net."""
        stop = next((stop for stop in stops(method, numbers) if stop.point == point), None)
        if stop is None:
            raise ValueError("There is no net of this size made in this way. Choose one of the sizes that are offered.")
        taught = Net.pretrained(DISTILLED[point]) if point in DISTILLED else None
        return cls(Net.pretrained(WHOLE[NAME]), stop, method, taught)

    @property
    def int8(self) -> bool:
        return self.stop.precision == "int8"


@dataclass(frozen=True)
class Point:
    """One compressed net and what it costs; `checkpoint` is its name, where it was taught."""

    net: Compressed
    cost: Cost
    checkpoint: str | None = None

    @property
    def ranks(self) -> dict[str, int]:
        return self.net.ranks


@dataclass(frozen=True)
class Own:
    """What a visitor taught: the net, its bytes, what it scores, and what the whole net scores on the same digits."""

    net: Net[Compressed]
    bytes: int
    score: Score
    whole: Score

    @classmethod
    def from_run(cls, run: Run[Compressed]) -> "Own":
        """The best net of a visitor's run, measured once."""
        net, whole = Net.from_run(run, {}), Net.pretrained(WHOLE[NAME])
        return cls(net, 4 * parameters(net.model), test_score(net.model), test_score(whole.model))


# The stops


@lru_cache(maxsize=4)
def measured(stamp: int) -> list[dict[str, Any]]:
    """What `benchmarks/compression/` measured of the net on MNIST's whole test set, read once for this `stamp` of its file."""
    rows = json.loads(MEASURED.read_text(encoding="utf-8"))["rows"]
    return [row for row in rows if row["of"] == NAME]


def curve(method: str, precision: str) -> list[Stop]:
    """Every measured size of a method, the largest first."""
    rows = [
        row for row in measured(MEASURED.stat().st_mtime_ns) if (row["method"], row["precision"]) == (method, precision)
    ]
    found = [
        Stop(
            r["point"], r["bytes"], r["times_smaller"], r["accuracy"], r["low"], r["high"], r["n"], r["latency_ratio"],
            r["precision"],
        )
        for r in rows
    ]  # fmt: skip
    return sorted(found, key=lambda stop: -stop.bytes)


def stops(method: str, numbers: str) -> list[Stop]:
    """The sizes that can be chosen, the whole net first; no two alike, and none whose checkpoint is not here."""
    found = curve("dense", "float32")
    for stop in curve(ROWS[method], PRECISIONS[numbers]):
        if method == TAUGHT and not _is_here(stop.point):
            continue
        if found[-1].bytes < ALIKE * stop.bytes and len(found) > 1:
            found[-1] = max(found[-1], stop, key=lambda s: s.accuracy)
        else:
            found.append(stop)
    return found


def numbers_of(method: str) -> list[str]:
    """In which kinds of numbers a method has been measured."""
    return [numbers for numbers in NUMBERS if len(stops(method, numbers)) > 1]


def nearest(offered: list[Stop], times_smaller: float) -> Stop:
    """The stop nearest to a size, by the logarithm."""
    return min(offered, key=lambda stop: abs(math.log(stop.times_smaller / times_smaller)))


def _is_here(name: str) -> bool:
    try:
        _checkpoint.card(name)
    except (CheckpointMissing, CheckpointDamaged):
        return False
    return True


# The whole net


@lru_cache(maxsize=4)
def whole_cost(net: Net[Any]) -> Cost:
    """What the whole net costs."""
    return cost(net.model, PICTURE)


@lru_cache(maxsize=4)
def factorisation(net: Net[Any], method: str) -> Factorisation:
    """The net taken apart once; by training digits, those of the samples where there are no others, unless plainly."""
    if method == PLAIN:
        return Factorisation(net.model, method="plain")
    train = at_hand(mnist.splits).value.train
    return Factorisation(net.model, mnist_mlp_rank20.calibration(train), method="whitened")


def cut_by_samples(choice: Choice) -> bool:
    """Whether the chosen net was cut by sampled digits, where the measured one was cut by all."""
    return choice.method == WHITENED and choice.stop.times_smaller > 1 and at_hand(mnist.splits).sampled


def matrices(net: Net[Any]) -> dict[str, Tensor]:
    """The weight matrices `(O, I)` that can be factored, by layer."""
    layers = {name: layer for name, layer in layers_of(net.model).items() if highest_rank(layer) > 0}
    return {name: layer.weight.detach().flatten(1) for name, layer in layers.items()}


@lru_cache(maxsize=32)
def singular_values(net: Net[Any], layer: str) -> Tensor:
    """`(K,)`, falling."""
    return torch.linalg.svdvals(matrices(net)[layer])


# The compressed net


@lru_cache(maxsize=8)
def compress(choice: Choice) -> Point:
    """The net at the chosen stop."""
    if choice.taught is not None:
        model = choice.taught.model.quantized() if choice.int8 else choice.taught.model
        return Point(model, cost(model, PICTURE), choice.taught.recipe.name)
    model = factorisation(choice.net, choice.method if choice.method == WHITENED else PLAIN).compressed(ranks(choice))
    model = model.quantized() if choice.int8 else model
    return Point(model, cost(model, PICTURE))


def ranks(choice: Choice) -> dict[str, int]:
    """What each layer keeps at the chosen stop: as in float32, where it is the same net in 8-bit numbers."""
    if choice.stop.times_smaller == 1:
        return {}
    if choice.taught is not None:
        return choice.taught.model.ranks
    float32 = next(stop for stop in curve(ROWS[choice.method], "float32") if stop.point == choice.stop.point)
    apart = factorisation(choice.net, choice.method)
    return apart.ranks((float32.bytes + 1) / apart.dense_bytes)  # a byte for what rounding takes


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
    """The recipe that teaches a net of the chosen shape, by the whole one; ValueError where there is nothing to teach.

    What is cut with care begins so; the rest from the plain cut, which reads hardly a digit where much is cut.
    """
    kept = ranks(choice)
    if not kept:
        raise ValueError("The whole net has nothing to learn from itself. Choose a smaller size first.")
    start = factorisation(choice.net, WHITENED if choice.method == WHITENED else PLAIN).compressed(kept)
    return replace(
        mnist_mlp_rank20.recipe,
        model=partial(Compressed, **_checkpoint.config(start)),
        initial=lambda model, splits: model.load_state_dict(start.state_dict()),
    )


def test_score(net: nn.Module) -> Score:
    """The share of MNIST's test digits that `net` reads right: of all, or of the samples where there are no others."""
    x_B, label_B = at_hand(lambda: mnist.official("test")).value
    with torch.no_grad():
        answers = torch.cat([net(part.float() / 255).argmax(1) for part in x_B.split(1000)])
    return Score(accuracy(answers, label_B), len(label_B))
