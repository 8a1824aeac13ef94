"""Accuracy against size: plain and whitened low rank, distilled, int8, a small dense net, and quantization.

Two nets that read MNIST's digits, and the one that names CIFAR-10's pictures (of a JPEG-compressed copy).

    python -m benchmarks.compression                    every row, into results/compression.json (half an hour)
    python -m benchmarks.compression --only perceptron  or convolutional, colour, quantization: the others stay

Every × is against the dense net's numbers in float32. `bytes` are 4 for each number of a float net, which is what its
budget counts, and the file's size for an int8 one; `file_bytes` is what a checkpoint takes, where a trained net is
stored in half precision. Latency is the median of nets that took turns, as a ratio to the dense net in this run, for
one picture (low rank) or a batch of 100 (quantization, where compiled is compared with compiled).
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import _report
from benchmarks._report import machine, write
from benchmarks.compression import factored
from benchmarks.compression._rows import Row, table
from benchmarks.compression.quantized import quantized
from models import load
from models.cnn import CNN
from models.mlp import MLP
from training._table import markdown
from training.data import cifar10, mnist

PARTS = ("perceptron", "convolutional", "colour", "quantization")
PEERS = ("whitened, global budget", "small dense, distilled")
NOTES = (
    "Plain truncation of *this* net falls far below the course's 85 % at rank 20 (why has not been tested); whitened "
    "truncation does not.",
    "Each net's rows, and those of quantization, may come from a run of their own (`--only`); the load is the last's.",
    "`cifar_cnn` is measured on a JPEG-compressed copy of CIFAR-10's test pictures, a little harder than the original.",
)


def claims(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """PROTOCOLS 2, beside what was measured."""

    def pick(of: str, method: str, point: str, precision: str = "float32") -> Row | None:
        return next((r for r in rows if (r.of, r.method, r.point, r.precision) == (of, method, point, precision)), None)

    found = []

    def claim(name: str, row: Row | None, value: str, relation: str, target: float) -> None:
        if row:
            number = getattr(row, value)
            met = number >= target if relation == "≥" else number <= target
            found.append({"name": name, "value": number, "target": f"{relation} {target:g}", "met": met})

    budget = f"{1 / 23:.1%}"
    claim("rank 20 everywhere, no training: accuracy", pick("mnist_mlp", "whitened", "rank 20"), "accuracy", "≥", 0.97)
    whitened = pick("mnist_mlp", "whitened, global budget", budget)
    claim("the same budget shared out, no training: accuracy", whitened, "accuracy", "≥", 0.97)
    distilled = pick("mnist_mlp", "distilled", "mnist_mlp_x23")
    claim("distilled: times smaller", distilled, "times_smaller", "≥", 23)
    claim("distilled: accuracy", distilled, "accuracy", "≥", 0.986)
    tiny = pick("mnist_mlp", "distilled", "mnist_mlp_x93", "int8")
    claim("distilled, int8: times smaller", tiny, "times_smaller", "≥", 93)
    claim("distilled, int8: accuracy", tiny, "accuracy", "≥", 0.984)
    for name in ("mnist_mlp", "mnist_cnn"):
        exact = pick(name, "float32, compiled", name)
        for method in ("static int8", "quantization-aware int8"):
            row = pick(name, f"{method}, compiled", name, "int8")
            if exact and row:
                claim(f"{name}, {method}: accuracy", row, "accuracy", "≥", exact.accuracy - 0.003)
                claim(f"{name}, {method}: times smaller", row, "times_smaller", "≥", 3.8)
                claim(f"{name}, {method}: latency ratio", row, "latency_ratio", "≤", 0.6)
    return found


def beside(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What stands beside `mnist_mlp_x93`: int8 nets about as small that are not factored by training."""
    small = [r for r in rows if r.precision == "int8" and r.times_smaller > 80 and r.method in PEERS]
    return [
        {
            "name": f"{r.method}, {r.times_smaller:.0f} × smaller", "metrics": {"accuracy": r.accuracy},
            "interval": {"low": r.low, "high": r.high, "n": r.n}, "parameters": r.parameters, "seconds": None,
        }
        for r in small
    ]  # fmt: skip


def notes(rows: Sequence[Row]) -> list[str]:
    """What the rows say, in sentences."""
    factored, dense = (
        next((r for r in rows if r.point == name and r.precision == "float32"), None)
        for name in ("mnist_mlp_x23", "mnist_mlp_small")
    )
    found: list[str] = [*NOTES]
    if factored and dense:
        found.append(
            "At equal bytes a small dense perceptron with the same teacher is "
            f"{100 * (factored.accuracy - dense.accuracy):.2f} points below the factored one (one seed each, and the "
            f"intervals overlap), and takes {dense.latency_ratio / factored.latency_ratio:.2f} × its time."
        )
    return found


def measure(part: str) -> list[Row]:
    """One of `PARTS`."""
    if part == "colour":
        return factored.colour(cifar10.splits())
    splits = mnist.splits()
    if part == "quantization":
        nets = {"mnist_mlp": load(MLP, "mnist_mlp").model, "mnist_cnn": load(CNN, "mnist_cnn").model}
        return [row for name, net in nets.items() for row in quantized(name, net, splits)]
    return factored.perceptron(splits) if part == "perceptron" else factored.convolutional(splits)


def part_of(row: Row) -> str:
    """Which of `PARTS` a row belongs to."""
    if "compiled" in row.method:
        return "quantization"
    return {"mnist_mlp": "perceptron", "mnist_cnn": "convolutional", "cifar_cnn": "colour"}[row.of]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    measured_on = machine()
    path = _report.RESULTS / "compression.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["rows"] if options.only and path.exists() else []
    by_part = {part: [row for row in (Row(**row) for row in kept) if part_of(row) == part] for part in PARTS}
    for part in PARTS if options.only is None else (options.only,):
        by_part[part] = measure(part)
    rows = [row for part in PARTS for row in by_part[part]]
    shown, promises = table(rows), claims(rows)
    print(markdown(shown["columns"], shown["rows"]), end="\n\n")
    for c in promises:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    facts = {"rows": [asdict(row) for row in rows], "claims": promises, "notes": notes(rows), "table": shown}
    write("compression", {"benchmark": "compression", **measured_on, **facts})
    write("mnist_mlp_x93", {**measured_on, "rows": beside(rows)})


if __name__ == "__main__":
    main()
