"""The cells' net compiled in float32 and in int8 three ways: test measures, bytes, and time in turns."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks._report import Claim, claim
from benchmarks.diagnose._nets import Facts
from benchmarks.diagnose._rows import COLUMNS, line
from compression import quantization
from compression.cost import file_bytes, latencies_ms
from models import load
from models.cnn import CNN
from signals.image import to_unit
from training import Arrays
from training._steps import update
from training._table import markdown
from training.data import crc_cells
from training.recipes import cells_cnn
from training.tasks.classification import metrics_of_logits

QAT_STEPS = 150
BATCH = 64


def measure() -> Facts:
    """`quantization`: a row for each kind of compiled net."""
    train, _, test = crc_cells.splits()
    net = load(CNN, "cells_cnn").model
    x_B = to_unit(train[0][:: len(train[0]) // cells_cnn.CALIBRATION])
    example = to_unit(test[0][:BATCH])
    graphs: dict[str, nn.Module] = {
        "dynamic int8": quantization.dynamic(net, x_B),
        "static int8": quantization.static(net, x_B),
        "quantization-aware int8": quantization.quantization_aware(net, x_B, train=follow(net, train)),
    }
    runs = {"float32": quantization.compiled(net, example)}
    runs |= {kind: quantization.compiled(graph, example) for kind, graph in graphs.items()}
    times = latencies_ms(runs, example, rounds=60)
    base = 4 * sum(p.numel() for p in net.parameters())
    found = []
    for kind, run in runs.items():
        size = base if kind == "float32" else file_bytes(graphs[kind])
        found.append({
            "kind": kind,
            **metrics_of_logits(asked(run, test[0]), test[1], crc_cells.CLASSES),
            "n": len(test[1]),
            "bytes": size,
            "times_smaller": base / size,
            "latency_ms": times[kind],
            "latency_ratio": times[kind] / times["float32"],
        })  # fmt: skip
    return {"quantization": found}


def asked(run: Callable[[Tensor], Tensor], x_B: Tensor) -> Tensor:
    """Logits `(B, classes)` by a net that was compiled for `BATCH` pictures at a time; the last batch is filled up."""
    found = []
    for part in x_B.split(BATCH):
        full = torch.cat([part, part[:1].expand(BATCH - len(part), -1, -1, -1)])
        found.append(run(to_unit(full))[: len(part)].clone())
    return torch.cat(found)


def follow(teacher: nn.Module, train: Arrays) -> Callable[[nn.Module], None]:
    """Trains a rounded net to answer augmented training cells as the float net does."""

    def fit(net: nn.Module) -> None:
        draw = torch.Generator().manual_seed(0)
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-5, weight_decay=0.0)
        for _ in range(QAT_STEPS):
            index = torch.randint(len(train[0]), (BATCH,), generator=draw)
            x_B = cells_cnn.augment(to_unit(train[0][index]), draw)
            with torch.no_grad():
                target_BC = teacher(x_B).softmax(1)
            update(optimizer, F.kl_div(net(x_B).log_softmax(1), target_BC, reduction="batchmean"))

    return fit


def table(kept: Facts) -> str:
    return markdown(COLUMNS, rows(kept))


def rows(kept: Facts) -> list[list[str]]:
    found = []
    for r in kept.get("quantization", []):
        what = f"cells_cnn, {r['kind']}, compiled: {r['bytes'] / 1000:.0f} KB, {r['latency_ratio']:.2f} × the time"
        found.append(line(what, "colon cells, 12 patients", r, None))
    return found


def claims(kept: Facts) -> Iterator[Claim]:
    """PROTOCOLS 2."""
    by = {r["kind"]: r for r in kept.get("quantization", [])}
    for kind in ("static int8", "quantization-aware int8"):
        if kind in by:
            floor = by["float32"]["accuracy"] - 0.003
            yield claim(f"cells_cnn, {kind}: accuracy", by[kind]["accuracy"], "≥", floor)
            yield claim(f"cells_cnn, {kind}: times smaller", by[kind]["times_smaller"], "≥", 3.8)
            yield claim(f"cells_cnn, {kind}: latency ratio, compiled", by[kind]["latency_ratio"], "≤", 0.6)
