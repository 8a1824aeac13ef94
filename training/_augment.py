"""Augmentations of pictures: functions on a batch `x_BCHW` in [0, 1], each picture drawn for by itself.

Every draw comes from the generator that is handed over, so a run can be repeated bit for bit.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

HED = torch.tensor([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
"""Optical density in red, green and blue of one unit of haematoxylin, eosin and DAB (Ruifrok and Johnston 2001)."""


def uniform(x_BX: Tensor, low: float, high: float, generator: torch.Generator, *shape: int) -> Tensor:
    """Numbers `(B, *shape)` between `low` and `high`, one draw for each picture of the batch."""
    return torch.rand(len(x_BX), *shape, generator=generator, device=x_BX.device) * (high - low) + low


def dihedral(x_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Each square picture in one of the eight ways to lay it down: mirrored or not, turned by quarters."""
    mirrored_B, turned_B, half_B = (uniform(x_BCHW, 0, 1, generator, 1, 1, 1) < 0.5 for _ in range(3))
    x_BCHW = torch.where(mirrored_B, x_BCHW.flip(3), x_BCHW)
    x_BCHW = torch.where(half_B, x_BCHW.flip(2, 3), x_BCHW)
    return torch.where(turned_B, x_BCHW.transpose(2, 3), x_BCHW)


def affine(
    x_BCHW: Tensor, generator: torch.Generator, *, turn: float = 1.0, zoom: float = 0.2, shift: float = 0.1
) -> Tensor:
    """Turned by up to `turn` half circles, zoomed by up to `zoom`, shifted by up to `shift` of half the picture.

    What comes in from outside is the picture mirrored at its edge.
    """
    angle_B = torch.pi * uniform(x_BCHW, -turn, turn, generator)
    scale_B = uniform(x_BCHW, 1 - zoom, 1 + zoom, generator)
    shift_B2 = uniform(x_BCHW, -shift, shift, generator, 2)
    cos_B, sin_B = scale_B * angle_B.cos(), scale_B * angle_B.sin()
    rows = [torch.stack([cos_B, -sin_B, shift_B2[:, 0]], 1), torch.stack([sin_B, cos_B, shift_B2[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(x_BCHW.shape), align_corners=False)
    return F.grid_sample(x_BCHW, grid, padding_mode="reflection", align_corners=False)


def stain(x_B3HW: Tensor, generator: torch.Generator, *, scale: float = 0.2, offset: float = 0.03) -> Tensor:
    """Another laboratory's staining: haematoxylin, eosin and the rest made stronger or weaker (Tellez et al. 2018)."""
    hed = HED.to(x_B3HW.device)
    density_B3HW = -(x_B3HW.clamp(min=1 / 255)).log()
    amount_B3HW = torch.einsum("bchw,cs->bshw", density_B3HW, hed.inverse())
    amount_B3HW = amount_B3HW * uniform(x_B3HW, 1 - scale, 1 + scale, generator, 3, 1, 1)
    amount_B3HW = amount_B3HW + uniform(x_B3HW, -offset, offset, generator, 3, 1, 1)
    return (-torch.einsum("bshw,sc->bchw", amount_B3HW, hed)).exp().clamp(0, 1)


def colour(
    x_B3HW: Tensor,
    generator: torch.Generator,
    *,
    brightness: float = 0.15,
    contrast: float = 0.2,
    saturation: float = 0.2,
    cast: float = 0.05,
) -> Tensor:
    """Another camera and another light: brightness, contrast, saturation, and a cast of red, green or blue."""
    grey_B1HW = x_B3HW.mean(1, keepdim=True)
    x_B3HW = grey_B1HW + (x_B3HW - grey_B1HW) * uniform(x_B3HW, 1 - saturation, 1 + saturation, generator, 1, 1, 1)
    mean_B111 = x_B3HW.mean((1, 2, 3), keepdim=True)
    x_B3HW = mean_B111 + (x_B3HW - mean_B111) * uniform(x_B3HW, 1 - contrast, 1 + contrast, generator, 1, 1, 1)
    x_B3HW = x_B3HW * uniform(x_B3HW, 1 - brightness, 1 + brightness, generator, 1, 1, 1)
    return (x_B3HW * uniform(x_B3HW, 1 - cast, 1 + cast, generator, x_B3HW.shape[1], 1, 1)).clamp(0, 1)
