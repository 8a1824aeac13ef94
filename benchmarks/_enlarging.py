"""Super-resolution's part of `benchmarks/restoration.py`: bicubic and the nets on one set of files, time, memory."""

import statistics
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks._report import Claim, claim
from compression.cost import latencies_ms
from metrics.intervals import bootstrap
from metrics.pictures import by_set
from models import CheckpointMissing, _checkpoint
from models.super_resolution import SRCNN, Enlarge, SubPixelNet, tiles
from signals.luma import doubled
from training import Arrays
from training._perceptual import distances
from training.data import bsds500
from training.tasks.super_resolution import measure_each

NETS: dict[str, type[nn.Module]] = {"srcnn": SRCNN, "srcnn_perceptual": SRCNN, "super_resolution": SubPixelNet}
TITLES = {"bsds500": "BSDS500 test", "set5": "Set5", "set14": "Set14"}
PUBLISHED_BICUBIC = 33.66
"""Set5 × 2 with MATLAB's kernel, as every paper quotes it; Pillow's differs by 0.01 to 0.02 dB."""
COLUMNS = (
    "method", "Set5 PSNR / SSIM", "Set14 PSNR / SSIM", "BSDS500 PSNR (95 % interval) / SSIM",
    "perceptual distance", "parameters", "256 × 256, ms", "× bicubic's time",
)  # fmt: skip


def methods() -> dict[str, Enlarge]:
    """Bicubic, and every net that is there."""
    found: dict[str, Enlarge] = {"bicubic": doubled}
    for name, kind in NETS.items():
        try:
            found[name] = _checkpoint.load(kind, name).model
        except CheckpointMissing:
            print(f"{name}: not trained yet")
    return found


def rows(test: Arrays, *, rounds: int) -> list[dict[str, Any]]:
    """A row for every method: means and intervals over the pictures of each set, distance, parameters, time."""
    found = []
    ms = latencies_ms(methods(), torch.rand(1, 1, 128, 128), rounds=rounds)  # to 256 × 256
    for name, enlarge in methods().items():
        values = measure_each(enlarge, test) | {"lpips_unweighted": distances(enlarge, test)}
        metrics, intervals = {}, {}
        for measure, values_B in values.items():
            for end, chosen_B in by_set(values_B, test[3], bsds500.SETS):
                metrics[measure + end] = chosen_B.mean().item()
                intervals[measure + end] = bootstrap(chosen_B.tolist(), statistics.fmean)._asdict()
        size = sum(p.numel() for p in enlarge.parameters()) if isinstance(enlarge, nn.Module) else None
        shown = "  ".join(
            f"{TITLES[p]} {metrics[f'psnr_db_{p}']:.2f}" for p in bsds500.SETS if f"psnr_db_{p}" in metrics
        )
        print(f"{name:20} {shown}  {ms[name]:.1f} ms", flush=True)
        found.append(
            {"name": name, "metrics": metrics, "intervals": intervals, "parameters": size, "milliseconds": ms[name]}
        )
    return found


def cells(row: dict[str, Any], bicubic_ms: float) -> list[str]:
    m, span = row["metrics"], row["intervals"]["psnr_db_bsds500"]
    return [
        "bicubic (Pillow's kernel)" if row["name"] == "bicubic" else f"`{row['name']}`",
        *(f"{m[f'psnr_db_{s}']:.2f} / {m[f'ssim_{s}']:.4f}" for s in ("set5", "set14")),
        f"{m['psnr_db_bsds500']:.2f} ({span['low']:.2f} to {span['high']:.2f}) / {m['ssim_bsds500']:.4f}",
        f"{m['lpips_unweighted']:.4f}", f"{row['parameters']:,}" if row["parameters"] else "–",
        f"{row['milliseconds']:.1f}", f"{row['milliseconds'] / bicubic_ms:.1f}",
    ]  # fmt: skip


def claims(found: list[dict[str, Any]]) -> list[Claim]:
    """PROTOCOLS.md 8, and bicubic beside its published row."""
    by = {row["name"]: row for row in found}
    off = abs(by["bicubic"]["metrics"]["psnr_db_set5"] - PUBLISHED_BICUBIC)
    made = [claim("bicubic, Set5 PSNR, distance from the published 33.66 dB", off, "≤", 0.03)]
    if "srcnn" in by:
        made.append(claim("`srcnn`, Set5 PSNR", by["srcnn"]["metrics"]["psnr_db_set5"], "≥", 36.3))
    if "super_resolution" in by:
        ours = by["super_resolution"]
        made.append(claim("`super_resolution`, Set5 PSNR", ours["metrics"]["psnr_db_set5"], "≥", 37.2))
        made.append(claim("`super_resolution`, Set5 PSNR, moonshot", ours["metrics"]["psnr_db_set5"], "≥", 37.6))
        made.append(claim("`super_resolution`, ms for a 256 × 256 result", ours["milliseconds"], "≤", 60))
    return made


def perceptual_cost(test: Arrays) -> str:
    """What the perceptual net gives and takes against `srcnn`, paired over BSDS500's test pictures."""
    first = tuple(t[test[3] == 0] for t in test)
    nets = [_checkpoint.load(SRCNN, name).model for name in ("srcnn", "srcnn_perceptual")]
    plain, seen = (measure_each(net, first)["psnr_db"] for net in nets)
    near, far = (distances(net, first) for net in nets)
    cost = bootstrap((plain - seen).tolist(), statistics.mean)
    gain = bootstrap((near - far).tolist(), statistics.mean)
    return (
        f"`srcnn_perceptual` against `srcnn`, paired over {cost.n} pictures: {(plain - seen).mean():.2f} dB PSNR lost "
        f"({cost.low:.2f} to {cost.high:.2f}), distance {(near - far).mean():.4f} smaller "
        f"({gain.low:.4f} to {gain.high:.4f}) of {near.mean():.4f}. The distance has LPIPS's form on SqueezeNet 1.0, "
        "the very net that taught it, without LPIPS's learnt weights: LPIPS itself needs SqueezeNet 1.1, AlexNet or "
        "VGG-16, which could not be had here."
    )


def seam(enlarge: Callable[[Tensor], Tensor], radius: int) -> float:
    """The largest difference between tiles put together and the picture at once, in shares of the full range."""
    y_B1hw = torch.rand(1, 1, 300, 410, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        whole, found = enlarge(y_B1hw), torch.zeros(1, 1, 600, 820)
        for tile in tiles(300, 410, side=128, margin=radius):
            tile.place(enlarge(tile.read(y_B1hw)), found)
    return (whole - found).abs().max().item()


LARGE = """
import time
import psutil, torch
from demos.super_resolution import nets as bench
picture = bench.Picture(torch.randint(0, 255, (3, {height}, {width}), dtype=torch.uint8), None, False, "noise")
small = bench.Picture(picture.x_3HW[:, :400, :400], None, False, "warm")
bench.enlarged(bench.enlarging_work(small, 2), bench.OURS)
start = psutil.Process().memory_info().rss / 2**20
began = time.perf_counter()
result = bench.enlarged(bench.enlarging_work(picture, 2), bench.OURS)
seconds = time.perf_counter() - began
status = open("/proc/self/status").read()
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024  # ru_maxrss would begin at what this process was started from
print(start, peak, *result.size, seconds)
"""


def large(width: int, height: int) -> tuple[float, float, float]:
    """A picture of that size doubled in its own process: MiB at the peak beyond the start, the result's, seconds."""
    script = LARGE.format(width=width, height=height)
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    start, peak, out_width, out_height, seconds = map(float, told)
    return peak - start, 3 * out_width * out_height / 2**20, seconds
