"""The loss and the measure of super-resolution that ask a net which names things, beside the squared error."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from models.super_resolution import Enlarge
from signals.luma import doubled, to_rgb
from training._recipe import Arrays, Metric
from training.data import imagenet
from training.tasks.super_resolution import SCALE, Loss, measure_each, upscale

PERCEPTUAL = Metric(key="lpips_unweighted", title="perceptual distance", format=".4f", lower_is_better=True)
"""LPIPS's form on SqueezeNet 1.0, without LPIPS's learnt weights."""


def perceptual_loss(name: str, *, weight: float = 0.01) -> Loss:
    """Squared error of the luma plus `weight` times the difference that net `name` sees, chroma held at the bicubic."""
    return partial(_perceptual_loss, name=name, weight=weight)


def _perceptual_loss(
    y_B1HW: Tensor, truth_B1HW: Tensor, chroma_B2hw: Tensor, *, name: str, weight: float
) -> dict[str, Tensor]:
    chroma_B2HW = doubled(chroma_B2hw)
    picture, truth = (to_rgb(torch.cat([y, chroma_B2HW], 1)) for y in (y_B1HW, truth_B1HW))
    square = F.mse_loss(y_B1HW, truth_B1HW)
    seen = imagenet.perceptual(name).to(picture.device).difference(picture, truth)
    return {"loss": square + weight * seen, "square": square, "seen": seen}


def distances(enlarge: Enlarge, split: Arrays) -> Tensor:
    """The perceptual distance of every picture of a split `(B,)` float64."""
    found, judge = [], imagenet.perceptual().to(split[0].device)
    for sharp_3HW, small_3hw, (height, width), _ in zip(*split, strict=True):
        picture_3HW = upscale(enlarge, small_3hw[:, : height // SCALE, : width // SCALE])
        found.append(judge.distance(sharp_3HW[:, :height, :width], picture_3HW))
    return torch.tensor(found, dtype=torch.float64)


def measure_perceptual(enlarge: Enlarge, split: Arrays) -> dict[str, Tensor]:
    """What `measure_each` measures of every picture `(B,)`, and the perceptual distance before it."""
    return {PERCEPTUAL.key: distances(enlarge, split), **measure_each(enlarge, split)}
