"""A trained net at one of its measured sizes: cut from the whole, or taught by it; what it costs and scores."""

import json
import math
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from compression import cuts
from compression.cost import Cost, cost
from compression.lowrank import Compressed, Factorisation, highest_rank
from compression.quantization import layers_of
from demos._ui.nets import Net
from demos.compression.subjects import (
    BYTE,
    FLOAT,
    METHODS,
    NUMBERS,
    PLAIN,
    TAUGHT,
    WHITENED,
    Subject,
    subject_of,
)
from models import is_here
from training import RESULTS
from training.data import at_hand, mnist

MEASURED = RESULTS / "compression.json"
ROWS = {PLAIN: "plain, global budget", WHITENED: "whitened, global budget", TAUGHT: "distilled"}
"""What the benchmark calls the methods."""
PRECISIONS = {FLOAT: "float32", BYTE: "int8"}
ALIKE = 1.05
"""Sizes that differ by less than this factor are one stop: the net that answers better."""


class Stop(NamedTuple):
    """One measured size of one method: `accuracy` with its 95 % interval on `n` test pictures, `time` as a share of the whole net's."""

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
        """How many of the test pictures are named wrong."""
        return round((1 - self.accuracy) * self.n)


@dataclass(frozen=True)
class Choice:
    """Where the controls stand, with the weights as they are at that moment.

    Choices of equal weights are equal, so that what is computed from one may be remembered by it.
    """

    subject: Subject
    net: Net[Any]
    stop: Stop
    method: str
    taught: Net[Compressed] | None = None
    """The net that was taught, where the method is that."""

    @classmethod
    def of(cls, title: str, point: str, method: str, numbers: str) -> "Choice":
        """As the controls say; ValueError where there is no such stop, CheckpointMissing says how to make the net."""
        subject = subject_of(title)
        stop = next((stop for stop in stops(subject, method, numbers) if stop.point == point), None)
        if stop is None:
            raise ValueError("There is no net of this size made in this way. Choose one of the sizes that are offered.")
        teaching = subject.taught().get(point)
        taught = None if teaching is None else Net.pretrained(teaching)
        return cls(subject, Net.pretrained(subject.recipe), stop, method, taught)

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


# The stops


@lru_cache(maxsize=4)
def measured(stamp: int) -> list[dict[str, Any]]:
    """What `benchmarks/compression/` measured of the nets on whole test sets, read once for this `stamp` of its file."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))["rows"]


def curve(subject: Subject, method: str, precision: str) -> list[Stop]:
    """Every measured size of a method, the largest first."""
    wanted = (subject.name, method, precision)
    rows = [
        row for row in measured(MEASURED.stat().st_mtime_ns) if (row["of"], row["method"], row["precision"]) == wanted
    ]
    found = [
        Stop(
            r["point"], r["bytes"], r["times_smaller"], r["accuracy"], r["low"], r["high"], r["n"], r["latency_ratio"],
            r["precision"],
        )
        for r in rows
    ]  # fmt: skip
    return sorted(found, key=lambda stop: -stop.bytes)


def stops(subject: Subject, method: str, numbers: str) -> list[Stop]:
    """The sizes that can be chosen, the whole net first; no two alike, and none that is not here."""
    found, here = curve(subject, "dense", "float32"), _here(subject, method)
    for stop in curve(subject, ROWS[method], PRECISIONS[numbers]):
        if here is not None and stop.point not in here:
            continue
        if found[-1].bytes < ALIKE * stop.bytes and len(found) > 1:
            found[-1] = max(found[-1], stop, key=lambda s: s.accuracy)
        else:
            found.append(stop)
    return found


def _here(subject: Subject, method: str) -> Container[str] | None:
    """Which cuts there are, where they cannot be made: taught nets are checkpoints, and cuts with care may be kept."""
    if method == TAUGHT:
        return subject.taught()
    return kept_cuts(subject) if method == WHITENED and subject.teaching is None else None


def kept_cuts(subject: Subject) -> list[str]:
    """The cuts with care that lie beside the net's weights; none where the net itself is not here."""
    return cuts.names(Net.pretrained(subject.recipe).evidence) if is_here(subject.name) else []


def methods_of(subject: Subject) -> list[str]:
    """How the net has been made smaller."""
    return [method for method in METHODS if numbers_of(subject, method)]


def numbers_of(subject: Subject, method: str) -> list[str]:
    """In which kinds of numbers a method has been measured."""
    return [numbers for numbers in NUMBERS if len(stops(subject, method, numbers)) > 1]


def nearest(offered: list[Stop], times_smaller: float) -> Stop:
    """The stop nearest to a size, by the logarithm."""
    return min(offered, key=lambda stop: abs(math.log(stop.times_smaller / times_smaller)))


# The whole net


@lru_cache(maxsize=8)
def whole_cost(choice: Choice) -> Cost:
    """What the whole net costs."""
    return cost(choice.net.model, choice.subject.picture)


@lru_cache(maxsize=6)
def factorisation(subject: Subject, net: Net[Any], method: str) -> Factorisation:
    """The net taken apart once."""
    return subject.apart(net.model, method)


def cut_by_samples(choice: Choice) -> bool:
    """Whether the chosen net was cut by sampled digits, where the measured one was cut by all."""
    is_cut_here = choice.method == WHITENED and choice.stop.times_smaller > 1 and choice.subject.teaching is not None
    return is_cut_here and at_hand(mnist.splits).sampled


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
    model = _cut(choice) if choice.taught is None else choice.taught.model
    model = model.quantized() if choice.int8 else model
    taught = None if choice.taught is None else choice.taught.recipe.name
    return Point(model, cost(model, choice.subject.picture), taught)


def _cut(choice: Choice) -> Compressed:
    """The whole net cut as the choice says, in 32-bit numbers."""
    if choice.method == WHITENED and choice.stop.point in kept_cuts(choice.subject):
        return cuts.unpacked(choice.net.model, choice.net.evidence, choice.stop.point)
    method = choice.method if choice.method == WHITENED else PLAIN
    return factorisation(choice.subject, choice.net, method).compressed(ranks(choice))


def ranks(choice: Choice) -> dict[str, int]:
    """What each layer keeps at the chosen stop: as in float32, where it is the same net in 8-bit numbers."""
    if choice.stop.times_smaller == 1:
        return {}
    if choice.taught is not None:
        return choice.taught.model.ranks
    sizes = curve(choice.subject, ROWS[choice.method], "float32")
    float32 = next(stop for stop in sizes if stop.point == choice.stop.point)
    apart = factorisation(choice.subject, choice.net, choice.method)
    fixed = apart.dense_bytes - 4 * sum(
        p.numel() for p in choice.net.model.parameters()
    )  # buffers: no stop counts them
    return apart.ranks((float32.bytes + fixed + 1) / apart.dense_bytes)  # a byte for what rounding takes


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
