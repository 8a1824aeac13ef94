"""What is measured of every smaller net, and how its row reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from compression import quantization
from compression.cost import cost, latencies_ms
from metrics.classification import accuracy
from metrics.intervals import wilson
from signals.image import to_unit
from training import Splits

BATCH = 100
CAPTION = "Every way to make the three nets smaller (n = 10,000 test pictures, one seed; × against float32)"
COLUMNS = (
    "net", "method", "point", "type", "accuracy (95 % interval)", "parameters", "bytes", "× smaller", "file bytes",
    "MACs", "time ×",
)  # fmt: skip
Net = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One net: `accuracy` on the `n` test pictures with its 95 % interval; `point` is its rank, share or checkpoint."""

    of: str
    method: str
    point: str
    precision: str
    accuracy: float
    low: float
    high: float
    n: int
    parameters: int
    bytes: int
    file_bytes: int
    times_smaller: float
    macs: int
    latency_ratio: float
    latency_ms: float
    kernels: list[str]


@dataclass(frozen=True)
class Candidate:
    """A net to be measured: `run` is what is timed and scored, `model` what is counted; a graph knows its own bytes."""

    method: str
    point: str
    precision: str
    model: nn.Module
    run: Net
    file_bytes: int | None = None


def measured(of: str, found: Sequence[Candidate], splits: Splits, *, batch: int, rounds: int) -> list[Row]:
    """A row for each; the first is the dense net that ratios are to."""
    x_B, label_B = to_unit(splits.test[0]), splits.test[1]
    latency = latencies_ms({str(i): c.run for i, c in enumerate(found)}, x_B[:batch], rounds=rounds)
    base = 4 * sum(p.numel() for p in found[0].model.parameters())
    rows = []
    for i, c in enumerate(found):
        with torch.no_grad():
            predicted_B = torch.cat([c.run(part).argmax(1) for part in x_B.split(BATCH)])
        share = accuracy(predicted_B, label_B)
        interval = wilson(share, len(label_B))
        counted = cost(c.model, x_B[:2])
        stored = c.file_bytes or counted.bytes
        size = stored if c.precision == "int8" else 4 * counted.parameters
        rows.append(
            Row(
                of=of,
                method=c.method,
                point=c.point,
                precision=c.precision,
                accuracy=share,
                low=interval.low,
                high=interval.high,
                n=interval.n,
                parameters=counted.parameters,
                bytes=size,
                file_bytes=stored,
                times_smaller=base / size,
                macs=counted.macs,
                latency_ms=latency[str(i)],
                kernels=sorted(quantization.kernels(c.run, x_B[:batch])),
                latency_ratio=latency[str(i)] / latency["0"],
            )
        )
    return rows


def table(rows: Sequence[Row]) -> dict[str, Any]:
    """Every row as RESULTS.md shows it."""
    cells = [
        (
            f"`{r.of}`", r.method, r.point, r.precision, f"{r.accuracy:.4f} ({r.low:.4f} to {r.high:.4f})",
            f"{r.parameters:,}", f"{r.bytes:,}", f"{r.times_smaller:.1f}", f"{r.file_bytes:,}", f"{r.macs:,}",
            f"{r.latency_ratio:.2f}",
        )
        for r in rows
    ]  # fmt: skip
    return {"caption": CAPTION, "columns": COLUMNS, "rows": cells}
