"""What every recipe that turns one scan into another shares: the step, three losses, the measures, the evidence.

The arrays are `(source_B1HW uint8, target_B1HW, head_B1HW bool, tumour_B1HW bool, patient_B)`.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explanation.novelty import KnnNovelty
from metrics.intervals import Interval, finite_mean, means_by_unit
from metrics.pictures import fidelity, mean_inside, ssim
from signals.image import to_unit
from training._augment import affine
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits, off_by
from training._steps import fast, uniform, update

PSNR_HEAD = Metric(
    key="psnr_db_head", title="PSNR in the head", unit="dB", format=".2f",
    words=off_by, words_count_errors=True, chance="the input itself: {}", floor="identity",
)  # fmt: skip
Loss = Callable[[Tensor, Tensor], Tensor]
Translate = Callable[[Tensor], Tensor]
"""Scans `x_B1HW` in [0, 1] to the other contrast `y_B1HW`: a net, or a baseline."""


def ssim_loss(y_B1HW: Tensor, truth_B1HW: Tensor) -> Tensor:
    """1 − SSIM, the mean over the slices `()`."""
    return (1 - ssim(truth_B1HW, y_B1HW)).mean()


EARLY = ["first", "down.0"]
"""The layers by which strangers are told. Later ones know more drawings, but find other patients strange too."""
LOSSES: dict[str, Loss] = {"mse": F.mse_loss, "mae": F.l1_loss, "ssim": ssim_loss}


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
    x_B1HW, y_B1HW = seen_anew(batch, generator, contrast=0.25, turn=0.06, zoom=0.1, shift=0.06)
    with torch.enable_grad():
        found = loss(model(x_B1HW), y_B1HW)
        update(optimizers["model"], found, clip=largest_gradient)
    return {"loss": found}


def taught_step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    teachers: Callable[[torch.device], list[nn.Module]],
    trust: float = 0.7,
    largest_gradient: float = 1.0,
) -> dict[str, Tensor]:
    """One update by squared error towards `trust` times the teachers' mean and, for the rest, the truth.

    The slices are changed further than in `step`: to copy what its teachers have in common (Hinton et al. 2015) a net
    must see them answer what they did not learn by heart. In bfloat16 where that is faster.
    """
    x_B1HW, y_B1HW = seen_anew(batch, generator, contrast=0.4, turn=0.15, zoom=0.2, shift=0.1)
    with torch.no_grad():
        said_B1HW = torch.stack([fast(net, x_B1HW).clamp(0, 1) for net in teachers(x_B1HW.device)]).mean(0)
    with torch.enable_grad():
        y_of_net_B1HW = fast(model, x_B1HW)
        taught, true = F.mse_loss(y_of_net_B1HW, said_B1HW), F.mse_loss(y_of_net_B1HW, y_B1HW)
        update(optimizers["model"], trust * taught + (1 - trust) * true, clip=largest_gradient)
    return {"distillation": taught, "loss": true}


def seen_anew(
    batch: Arrays, generator: torch.Generator, *, contrast: float, turn: float, zoom: float, shift: float
) -> tuple[Tensor, Tensor]:
    """The batch's scans and targets `(B, 1, H, W)` in [0, 1], mirrored or not, and changed alike as `affine` does.

    Only the scan's contrast changes, by a power between exp(−`contrast`) and exp(`contrast`).
    """
    x_B1HW, y_B1HW = to_unit(batch[0]), batch[1]
    x_B1HW = x_B1HW ** uniform(generator, -contrast, contrast, len(x_B1HW), 1, 1, 1).exp()
    pair_B2HW = torch.cat([x_B1HW, y_B1HW], 1)
    mirrored_B = uniform(generator, 0, 1, len(pair_B2HW), 1, 1, 1) < 0.5
    pair_B2HW = torch.where(mirrored_B, pair_B2HW.flip(3), pair_B2HW)
    pair_B2HW = affine(pair_B2HW, generator, turn=turn, zoom=zoom, shift=shift)
    return pair_B2HW[:, :1], pair_B2HW[:, 1:]


@torch.no_grad()
def translated(translate: Translate, source_B1HW: Tensor) -> Tensor:
    """The other contrast of 8-bit scans `(B, 1, H, W)`, clipped to [0, 1]."""
    return torch.cat([translate(to_unit(part)).clamp(0, 1) for part in source_B1HW.split(16)])


def measure_each(translate: Translate, split: Arrays) -> dict[str, Tensor]:
    """`fidelity` of every slice, and `mae_tumour` where there is one (nan elsewhere)."""
    source_B1HW, truth_B1HW, head_B1HW, tumour_B1HW, _ = split
    y_B1HW = translated(translate, source_B1HW)
    error_B1HW = (y_B1HW - truth_B1HW).abs().double()
    return fidelity(truth_B1HW, y_B1HW, head_B1HW) | {"mae_tumour": mean_inside(error_B1HW, tumour_B1HW)}


def evaluate(model: Translate, split: Arrays) -> Metrics:
    """Means over the slices that have a measure."""
    return {name: finite_mean(values_B) for name, values_B in measure_each(model, split).items()}


def intervals(model: Translate, split: Arrays) -> dict[str, Interval]:
    """The means again when the patients are drawn anew, each with all its slices."""
    return means_by_unit(measure_each(model, split), split[4])


def evidence(model: Any, splits: Splits) -> dict[str, Tensor]:
    """Our figures for every test slice `(B,)`, its patient, and how far what is not like a scan lies; no picture."""
    found = {name: values_B.float() for name, values_B in measure_each(model, splits.test).items()}
    familiar = KnnNovelty.of(model, EARLY, splits.train[0], splits.valid[0])
    return found | {"patient": splits.test[4]} | familiar.tensors()
