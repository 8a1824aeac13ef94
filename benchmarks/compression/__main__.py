"""Accuracy against size on MNIST: plain and whitened low rank, distilled, int8, a small dense net, and quantization.

    python -m benchmarks.compression                 every row, into results/compression.json (ten minutes)
    python -m benchmarks.compression --only lowrank  or quantization: the other rows stay as they are there

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
from benchmarks.compression._rows import Row, table
from benchmarks.compression.factored import lowrank
from benchmarks.compression.quantized import quantized
from models import load
from models.cnn import CNN
from models.mlp import MLP
from training._table import markdown
from training.data import mnist

PEERS = ("whitened, global budget", "small dense, distilled")
NOTES = (
    "Plain truncation of *this* net falls far below the course's 85 % at rank 20 (why has not been tested); whitened "
    "truncation does not.",
    "The low-rank and the quantization rows may come from two runs (`--only`); the load is the later one's.",
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["lowrank", "quantization"])
    options = parser.parse_args()
    measured_on = machine()
    path = _report.RESULTS / "compression.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["rows"] if options.only and path.exists() else []
    splits = mnist.splits()
    old = [Row(**row) for row in kept]
    quantization_rows = [row for row in old if "compiled" in row.method]
    lowrank_rows = [row for row in old if "compiled" not in row.method]
    if options.only != "quantization":
        lowrank_rows = lowrank(splits)
    if options.only != "lowrank":
        quantization_rows = quantized("mnist_mlp", load(MLP, "mnist_mlp").model, splits)
        quantization_rows += quantized("mnist_cnn", load(CNN, "mnist_cnn").model, splits)
    rows = lowrank_rows + quantization_rows
    shown, promises = table(rows), claims(rows)
    print(markdown(shown["columns"], shown["rows"]), end="\n\n")
    for c in promises:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    facts = {"rows": [asdict(row) for row in rows], "claims": promises, "notes": notes(rows), "table": shown}
    write("compression", {"benchmark": "compression", **measured_on, **facts})
    write("mnist_mlp_x93", {**measured_on, "rows": beside(rows)})


if __name__ == "__main__":
    main()
