"""A trained net at a budget: taken apart once and truncated, or from the shelf of distilled nets; what it scores."""

import io
import itertools
import json
import threading
import zipfile
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from compression.cost import Cost, cost, latencies_ms
from compression.lowrank import Compressed, Factorisation
from metrics.classification import accuracy
from metrics.intervals import wilson
from models import _checkpoint
from models._checkpoint import CheckpointMissing, shared
from training._recipe import Recipe
from training._table import RESULTS
from training.data import mnist
from training.data._root import DataDamaged, DataMissing
from training.recipes import catalogue, mnist_mlp_rank20

MEASURED = RESULTS / "compression.json"
DENSE = {n: r for n, r in catalogue().items() if r.data is mnist.splits and r.model.func is not Compressed}
"""The nets that can be chosen: whatever reads digits and is not compressed already."""
SHELF = ("mnist_mlp_rank50", "mnist_mlp_rank20", "mnist_mlp_rank10", "mnist_mlp_x23", "mnist_mlp_x93")
PLAIN, WHITENED, DISTILLED = METHODS = ("Plain", "Whitened", "Whitened and distilled")
PICTURE = torch.zeros(1, 1, 28, 28)


@dataclass(frozen=True)
class Choice:
    """Where the controls stand: `percent` is of the dense net's float32 bytes."""

    name: str
    percent: float
    method: str
    precision: str

    @property
    def int8(self) -> bool:
        return self.precision == "int8"


@dataclass(frozen=True)
class Point:
    """One compressed net and what it costs; `shelf` is its checkpoint, where it is a distilled one."""

    net: Compressed
    cost: Cost
    shelf: str | None = None

    @property
    def ranks(self) -> dict[str, int]:
        return self.net.ranks

    @property
    def bytes(self) -> int:
        """What the budget counts: 4 for each number of a float net, the file of an int8 one."""
        return self.cost.bytes if self.net.int8 else 4 * self.cost.parameters


def dense(name: str) -> nn.Module:
    """The trained net of that recipe; CheckpointMissing says how to make it."""
    model: Any = DENSE[name].model.func
    return shared(model, name).model


@lru_cache(maxsize=4)
def factorisation(name: str, method: str) -> Factorisation:
    """The net taken apart once; DataMissing where whitening needs training pictures that are not here."""
    if method == PLAIN:
        return Factorisation(dense(name), method="plain")
    train = tuple(t[: -mnist.VALID] for t in mnist.official("train", download=False))
    return Factorisation(dense(name), mnist_mlp_rank20.calibration(train), method="whitened")


@lru_cache(maxsize=8)
def compress(choice: Choice) -> Point:
    """The net at the chosen budget; ValueError where no rank meets it."""
    if choice.method == DISTILLED:
        return _from_the_shelf(choice)
    apart = factorisation(choice.name, choice.method)
    net = apart.compressed(apart.ranks(choice.percent / 100, "int8" if choice.int8 else "float32"), int8=choice.int8)
    return Point(net, cost(net, PICTURE))


def _from_the_shelf(choice: Choice) -> Point:
    """The largest distilled net that fits the budget."""
    if choice.name != "mnist_mlp":
        raise ValueError("Distilled nets are on the shelf for mnist_mlp only: choose it, or another method.")
    fitting = []
    for checkpoint in SHELF:
        try:
            net = shared(Compressed, checkpoint).model
        except CheckpointMissing:
            continue
        net = net.quantized() if choice.int8 else net
        point = Point(net, cost(net, PICTURE), checkpoint)
        if point.bytes <= choice.percent / 100 * float32_bytes(choice.name):
            fitting.append(point)
    if not fitting:
        raise ValueError(f"No distilled net fits into {choice.percent:g} %. Raise the budget, or choose int8.")
    return max(fitting, key=lambda point: point.bytes)


@lru_cache(maxsize=8)
def float32_bytes(name: str) -> int:
    """The dense net's bytes in float32: the base of every × on this tab."""
    return 4 * sum(p.numel() for p in dense(name).parameters())


@lru_cache(maxsize=256)
def measure(choice: Choice) -> tuple[float, int]:
    """Accuracy on MNIST's test set and its n; DataMissing where the test set is not here."""
    return test_accuracy(compress(choice).net)


def test_accuracy(net: nn.Module) -> tuple[float, int]:
    """The share of MNIST's test set that `net` reads right, and its n; DataMissing where the test set is not here."""
    x_B, label_B = mnist.official("test", download=False)
    with torch.no_grad():
        answers = torch.cat([net(part.float() / 255).argmax(1) for part in x_B.split(1000)])
    return accuracy(answers, label_B), len(label_B)


def measured(choice: Choice) -> tuple[float, int] | None:
    """`measure`, or nothing where the test set is not here."""
    try:
        return measure(choice)
    except (DataMissing, DataDamaged):
        return None


def latency_ratio(choice: Choice) -> float:
    """The compressed net's time for one picture as a share of the dense net's, in turns on this machine."""
    found = latencies_ms({"dense": dense(choice.name), "small": compress(choice).net}, PICTURE, rounds=15)
    return found["small"] / found["dense"]


def stored(name: str) -> list[dict[str, Any]]:
    """What `benchmarks/compression.py` measured of the net on the test set, for machines without it."""
    rows = json.loads(MEASURED.read_text(encoding="utf-8"))["rows"] if MEASURED.exists() else []
    return [row for row in rows if row["of"] == name]


def recalled(choice: Choice, size: float, shelf: str | None = None) -> float | None:
    """Accuracy at `size` bytes off the stored curve of the same method: exact for a distilled net, else in between."""
    method = "distilled" if shelf else f"{choice.method.lower()}, global budget"
    precision = "int8" if choice.int8 or shelf == "mnist_mlp_x93" else "float32"
    rows = [r for r in stored(choice.name) if (r["method"], r["precision"]) == (method, precision)]
    if shelf:
        return next((r["accuracy"] for r in rows if r["point"] == shelf), None)
    rows = sorted(rows, key=lambda r: r["bytes"])
    for low, high in itertools.pairwise(rows):
        if low["bytes"] <= size <= high["bytes"]:
            share = (size - low["bytes"]) / (high["bytes"] - low["bytes"])
            return low["accuracy"] + share * (high["accuracy"] - low["accuracy"])
    return None


def archive(choice: Choice) -> bytes:
    """The compressed net as a zip of safetensors, config and card."""
    point, found = compress(choice), measured(choice)
    facts = {
        "made_from": choice.name,
        "how": f"{choice.method}, {choice.percent:g} % of float32, {choice.precision}",
        "shelf": point.shelf,
        "ranks": point.ranks,
        "parameters": point.cost.parameters,
        "bytes": point.cost.bytes,
        "macs": point.cost.macs,
        "metrics": {"accuracy": found[0]} if found else {},
        "intervals": {"accuracy": wilson(*found)._asdict()} if found else {},
        "model": "Compressed",
        "config": _checkpoint.config(point.net),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("model.safetensors", _checkpoint.pack(point.net))
        file.writestr("config.json", json.dumps(facts["config"], indent=2))
        file.writestr("card.json", json.dumps(facts, indent=2, ensure_ascii=False))
    return buffer.getvalue()


def distillation(choice: Choice) -> Recipe[Any]:
    """The recipe that teaches the chosen point, from its own truncated weights, by the dense net."""
    if choice.name != "mnist_mlp":
        raise ValueError("The recipe for distillation teaches mnist_mlp: choose it above.")
    if choice.method == DISTILLED:  # taught already: it begins again, from the whitened net of the same budget
        choice = replace(choice, method=WHITENED)
    ranks = compress(choice).ranks
    if not ranks:
        raise ValueError("At this budget nothing is left out, so there is nothing to teach. Lower the budget first.")
    truncated = factorisation(choice.name, choice.method).compressed(ranks)
    return replace(
        mnist_mlp_rank20.recipe,
        model=partial(Compressed, **_checkpoint.config(truncated)),
        initial=lambda model, splits: model.load_state_dict(truncated.state_dict()),
    )


@lru_cache(maxsize=4)
def matrices(name: str) -> dict[str, Tensor]:
    """The weight matrices `(O, I)` that can be factored, by layer."""
    apart = factorisation(name, PLAIN)
    return {layer: apart.matrix(layer) for layer in apart.spectra}


@lru_cache(maxsize=32)
def singular_values(name: str, layer: str) -> Tensor:
    return torch.linalg.svdvals(matrices(name)[layer])


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


_renewing = threading.Lock()
_weights: list[str] = []


def renew() -> None:
    """Forget what was computed from weights that have since been replaced on disk."""
    now = []
    for name in (*DENSE, *SHELF):
        try:
            now.append(_checkpoint.card(name).weights_sha256)
        except CheckpointMissing:
            now.append("")
    with _renewing:
        if now != _weights:
            for cached in (factorisation, compress, float32_bytes, measure, matrices, singular_values):
                cached.cache_clear()
            _weights[:] = now
