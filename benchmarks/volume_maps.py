"""Which map tells where `adrenal_3d` looks: the surface worn down where a map is hot, against as much elsewhere on it.

Maps speak for hyperplasia, whatever the answer, as on the tab. A *gain* is the probability after wearing the surface
down elsewhere less the probability after wearing it down where the map is hot; a map *holds* where the probability
falls by .02 and more than elsewhere by .02, as the tab says it. The way that the tab opens with was chosen on
validation glands; those of test were looked at once. Occlusion bites some hundred balls out of each gland, and is asked
of the first 20 of either split; the others of the first 98.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.volume_maps
"""

import time
from typing import Any

import torch

from benchmarks._report import arguments, machine, write
from demos.volumes import nets, shapes
from demos.volumes.figures import holds
from demos.volumes.nets import BALL, METHODS, SICK
from demos.volumes.shapes import Volume
from metrics.intervals import of_mean, wilson
from training._table import markdown
from training.data import medmnist

FEW, MOST = 20, 98
"""Glands of either split, at most: as many as validation has, and fewer for what takes seconds each."""


def measured(part: str, method: str, n: int) -> list[str]:
    """One row: the split, the method, glands, the share of maps that hold, the mean gain, milliseconds a map."""
    net = nets.net_of(None)
    x_B1DHW, *_ = medmnist.part(shapes.FLAG, part, size=shapes.EDGE)
    x_B1DHW = x_B1DHW[: min(n, FEW) if method == BALL else n]
    held, gain, took = [], [], 0.0
    for i, x_1DHW in enumerate(x_B1DHW):
        shown = Volume("a gland", x_1DHW[0], f"{part} {i}")
        began = time.perf_counter()
        heat_DHW = nets.heat(net, shown, SICK, method)
        took += time.perf_counter() - began
        found = nets.check(net, shown, heat_DHW, SICK)
        held.append(holds(found))
        gain.append(found.elsewhere - found.after)
    share, mean = wilson(sum(held) / len(held), len(held)), of_mean(torch.tensor(gain))
    return [
        part, method, f"{len(held)}", f"{sum(held) / len(held):.2f} ({share.low:.2f} to {share.high:.2f})",
        f"{sum(gain) / len(gain):+.3f} ({mean.low:+.3f} to {mean.high:+.3f})", f"{1000 * took / len(held):.0f}",
    ]  # fmt: skip


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, n = machine(), 4 if options.quick else MOST
    columns = ["split", "map", "glands", "share that holds ↑ (95 %)", "gain ↑ (95 %)", "ms a map"]
    rows: list[list[str]] = []
    for part in ("valid", "test"):
        for method in METHODS:
            rows.append(measured(part, method, n))
            print(*rows[-1], sep="  ", flush=True)
    print(markdown(columns, rows))
    table: dict[str, Any] = {
        "caption": "Maps of `adrenal_3d`, judged by its own surface",
        "columns": columns,
        "rows": rows,
    }
    if not options.quick:
        facts = {"benchmark": "volume_maps", **measured_on, "rows": [], "claims": [], "notes": []}
        write("volume_maps", facts | {"maps": table})


if __name__ == "__main__":
    main()
