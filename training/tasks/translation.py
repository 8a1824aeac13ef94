"""What every recipe that turns one scan into another shares: the step, three losses, the measures, the evidence.

The arrays are `(source_B1HW uint8, target_B1HW, head_B1HW bool, tumour_B1HW bool, patient_B)`.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from metrics.intervals import Interval, finite_mean, means_by_unit
from metrics.pictures import WINDOW, psnr_db, ssim, ssim_map
from signals.image import to_unit
from training._augment import affine
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits
from training._steps import uniform, update

PSNR_HEAD = Metric(key="psnr_db_head", title="PSNR in the head", unit="dB", format=".2f")
Loss = Callable[[Tensor, Tensor], Tensor]
Translate = Callable[[Tensor], Tensor]
"""Scans `x_B1HW` in [0, 1] to the other contrast `y_B1HW`: a net, or a baseline."""


def structural(y_B1HW: Tensor, truth_B1HW: Tensor) -> Tensor:
    """1 − SSIM."""
    return (1 - ssim(truth_B1HW, y_B1HW)).mean()


LOSSES: dict[str, Loss] = {"mse": F.mse_loss, "mae": F.l1_loss, "ssim": structural}


def step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    loss: Loss,
    largest_gradient: float = 1.0,
) -> dict[str, Tensor]:
    """One update on slices mirrored, turned, zoomed and shifted with their targets, and seen by another scanner.

    Only the source changes its contrast: the target's scale is one for all.
    """
    x_B1HW, y_B1HW = to_unit(batch[0]), batch[1]
    x_B1HW = x_B1HW ** uniform(generator, -0.25, 0.25, len(x_B1HW), 1, 1, 1).exp()
    pair_B2HW = torch.cat([x_B1HW, y_B1HW], 1)
    mirrored_B = uniform(generator, 0, 1, len(pair_B2HW), 1, 1, 1) < 0.5
    pair_B2HW = torch.where(mirrored_B, pair_B2HW.flip(3), pair_B2HW)
    pair_B2HW = affine(pair_B2HW, generator, turn=0.06, zoom=0.1, shift=0.06)
    with torch.enable_grad():
        found = loss(model(pair_B2HW[:, :1]), pair_B2HW[:, 1:])
        update(optimizers["model"], found, clip=largest_gradient)
    return {"loss": found}


@torch.no_grad()
def translated(translate: Translate, source_B1HW: Tensor) -> Tensor:
    """The other contrast of 8-bit scans, clipped to [0, 1]."""
    return torch.cat([translate(to_unit(part)).clamp(0, 1) for part in source_B1HW.split(16)])


def scores(y_B1HW: Tensor, truth_B1HW: Tensor, head_B1HW: Tensor) -> dict[str, Tensor]:
    """MAE, PSNR (1 is full) and SSIM of every slice `(B,)`, on the whole slice and, with `_head`, inside the mask.

    `psnr_db_head_aligned` is measured after the best straight line for each slice: what is left when the target's
    brightness, which the source cannot tell, is given away.
    """
    y_B1HW, truth_B1HW = y_B1HW.double(), truth_B1HW.double()
    error_B1HW, edge = (y_B1HW - truth_B1HW).abs(), WINDOW // 2
    alike_B1HW = ssim_map(truth_B1HW, y_B1HW)
    inside_B1HW = head_B1HW[..., edge:-edge, edge:-edge]
    return {
        "mae": error_B1HW.flatten(1).mean(1),
        "psnr_db": psnr_db(truth_B1HW, y_B1HW),
        "ssim": alike_B1HW.flatten(1).mean(1),
        "mae_head": _inside(error_B1HW, head_B1HW),
        "psnr_db_head": -10 * _inside(error_B1HW.square(), head_B1HW).log10(),
        "ssim_head": _inside(alike_B1HW, inside_B1HW),
        "psnr_db_head_aligned": -10 * _aligned(y_B1HW, truth_B1HW, head_B1HW).log10(),
    }


def _inside(x_B1HW: Tensor, mask_B1HW: Tensor) -> Tensor:
    """The mean over the mask of every slice `(B,)`; nan where the mask is empty."""
    return (x_B1HW * mask_B1HW).flatten(1).sum(1) / mask_B1HW.flatten(1).sum(1)


def _aligned(y_B1HW: Tensor, truth_B1HW: Tensor, mask_B1HW: Tensor) -> Tensor:
    """What the best `a y + b` of each slice leaves of the squared error inside the mask `(B,)`."""
    mean_y, mean_t = _inside(y_B1HW, mask_B1HW), _inside(truth_B1HW, mask_B1HW)
    y, t = y_B1HW - mean_y.view(-1, 1, 1, 1), truth_B1HW - mean_t.view(-1, 1, 1, 1)
    slope_B = _inside(y * t, mask_B1HW) / _inside(y * y, mask_B1HW).clamp(min=1e-12)
    return _inside((slope_B.view(-1, 1, 1, 1) * y - t).square(), mask_B1HW)


def measured(translate: Translate, split: Arrays) -> dict[str, Tensor]:
    """`scores` of every slice, and `mae_tumour` where there is one (nan elsewhere)."""
    source_B1HW, truth_B1HW, head_B1HW, tumour_B1HW, _ = split
    y_B1HW = translated(translate, source_B1HW)
    error_B1HW = (y_B1HW - truth_B1HW).abs().double()
    return scores(y_B1HW, truth_B1HW, head_B1HW) | {"mae_tumour": _inside(error_B1HW, tumour_B1HW)}


def evaluate(model: Translate, split: Arrays) -> Metrics:
    """Means over the slices that have a measure."""
    return {name: finite_mean(values_B) for name, values_B in measured(model, split).items()}


def intervals(model: Translate, split: Arrays) -> dict[str, Interval]:
    """The means again when the patients are drawn anew, each with all its slices."""
    return means_by_unit(measured(model, split), split[4])


def evidence(model: Any, splits: Splits) -> dict[str, Tensor]:
    """Our figures for every test slice, and its patient; no picture."""
    found = {name: values_B.float() for name, values_B in measured(model, splits.test).items()}
    return found | {"patient": splits.test[4]}
