"""Augmentations of pictures: functions on a batch `x_BCHW` in [0, 1], each picture drawn for by itself; and of volumes.

What comes back has the shape of what goes in. Every draw comes from the generator that is handed over, so a run can
be repeated bit for bit.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from training._steps import uniform

HED = torch.tensor([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
"""Optical density in red, green and blue of one unit of haematoxylin, eosin and DAB (Ruifrok and Johnston 2001)."""


def dihedral(x_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Each square picture `(B, C, H, H)` in one of the eight ways to lay it down: mirrored, turned by quarters."""
    mirrored_B, diagonal_B, half_B = (uniform(generator, 0, 1, len(x_BCHW), 1, 1, 1) < 0.5 for _ in range(3))
    return mirror(x_BCHW, mirrored_B ^ half_B, half_B, diagonal_B)  # half a turn is both mirrors


def mirror(x_BCHW: Tensor, left_right: Tensor, top_bottom: Tensor, diagonal: Tensor) -> Tensor:
    """Square pictures mirrored left to right, top to bottom, and about the diagonal, wherever it is so.

    Each is bool: `(B, 1, 1, 1)`, or `()` for the whole batch.
    """
    x_BCHW = torch.where(left_right, x_BCHW.flip(3), x_BCHW)
    x_BCHW = torch.where(top_bottom, x_BCHW.flip(2), x_BCHW)
    return torch.where(diagonal, x_BCHW.transpose(2, 3), x_BCHW)


def cropped(x_BCHW: Tensor, generator: torch.Generator, *, shift: int) -> Tensor:
    """Pictures `(B, C, H, W)` shifted by up to `shift` whole pixels both ways, mirrored at their edges.

    What comes back lies in memory with its channels last.
    """
    by_B2 = torch.randint(-shift, shift + 1, (len(x_BCHW), 2), generator=generator, device=x_BCHW.device)
    row_BH, column_BW = (_reflected(by_B, side) for by_B, side in zip(by_B2.T, x_BCHW.shape[2:], strict=True))
    picture_B = torch.arange(len(x_BCHW), device=x_BCHW.device)
    x_BHWC = x_BCHW.permute(0, 2, 3, 1)
    return x_BHWC[picture_B[:, None, None], row_BH[:, :, None], column_BW[:, None, :]].permute(0, 3, 1, 2)


def _reflected(by_B: Tensor, side: int) -> Tensor:
    """`(B, side)`: which of `side` pixels in a row stands at each place after a shift, mirrored at the edges."""
    at_BS = (torch.arange(side, device=by_B.device) + by_B[:, None]).abs()
    return torch.where(at_BS < side, at_BS, 2 * (side - 1) - at_BS)


def coin_flipped(x_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures `(B, C, H, W)`, each mirrored left to right as a coin falls."""
    return torch.where(uniform(generator, 0, 1, len(x_BCHW), 1, 1, 1) < 0.5, x_BCHW.flip(3), x_BCHW)


def affine(
    x_BCHW: Tensor, generator: torch.Generator, *, turn: float = 1.0, zoom: float = 0.2, shift: float = 0.1
) -> Tensor:
    """Pictures turned by up to `turn` half circles, zoomed by up to `zoom`, shifted by up to `shift` of half the side.

    `(B, C, H, W)`; what comes in from outside is the picture mirrored at its edge.
    """
    angle_B = torch.pi * uniform(generator, -turn, turn, len(x_BCHW))
    scale_B = uniform(generator, 1 - zoom, 1 + zoom, len(x_BCHW))
    shift_B2 = uniform(generator, -shift, shift, len(x_BCHW), 2)
    cos_B, sin_B = scale_B * angle_B.cos(), scale_B * angle_B.sin()
    rows = [torch.stack([cos_B, -sin_B, shift_B2[:, 0]], 1), torch.stack([sin_B, cos_B, shift_B2[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(x_BCHW.shape), align_corners=False)
    return F.grid_sample(x_BCHW, grid, padding_mode="reflection", align_corners=False)


def mirrored(x_BCDHW: Tensor, generator: torch.Generator) -> Tensor:
    """Volumes `(B, C, D, H, W)` mirrored along each axis as a coin falls."""
    coin_B3 = (uniform(generator, 0, 1, len(x_BCDHW), 3) < 0.5).tolist()
    axes = ([axis + 1 for axis in range(3) if coin_3[axis]] for coin_3 in coin_B3)
    return torch.stack([x_CDHW.flip(turned) for x_CDHW, turned in zip(x_BCDHW, axes, strict=True)])


def shifted(x_BCDHW: Tensor, generator: torch.Generator, *, shift: int) -> Tensor:
    """Volumes `(B, C, D, H, W)` shifted along each axis by up to `shift` whole voxels; from outside comes 0."""
    by_B3 = torch.randint(-shift, shift + 1, (len(x_BCDHW), 3), generator=generator, device=generator.device).tolist()
    sides = ([side for by in reversed(by_3) for side in (by, -by)] for by_3 in by_B3)
    return torch.stack([F.pad(x_CDHW, pad) for x_CDHW, pad in zip(x_BCDHW, sides, strict=True)])


def stain(x_B3HW: Tensor, generator: torch.Generator, *, scale: float = 0.2, offset: float = 0.03) -> Tensor:
    """Pictures `(B, 3, H, W)` from another laboratory: haematoxylin, eosin and the rest stained stronger or weaker.

    Optical density is a linear mixture of the stains (Beer and Lambert): the amount of each is changed by a factor and
    an offset, and they are mixed again (Tellez et al. 2018).
    """
    hed = HED.to(x_B3HW.device)
    density_B3HW = -(x_B3HW.clamp(min=1 / 255)).log()
    amount_B3HW = torch.einsum("bchw,cs->bshw", density_B3HW, hed.inverse())
    amount_B3HW = amount_B3HW * uniform(generator, 1 - scale, 1 + scale, len(x_B3HW), 3, 1, 1)
    amount_B3HW = amount_B3HW + uniform(generator, -offset, offset, len(x_B3HW), 3, 1, 1)
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
    """Pictures `(B, 3, H, W)` by another camera in another light: brightness, contrast, saturation, a cast."""
    grey_B1HW = x_B3HW.mean(1, keepdim=True)
    x_B3HW = grey_B1HW + (x_B3HW - grey_B1HW) * uniform(generator, 1 - saturation, 1 + saturation, len(x_B3HW), 1, 1, 1)
    mean_B111 = x_B3HW.mean((1, 2, 3), keepdim=True)
    x_B3HW = mean_B111 + (x_B3HW - mean_B111) * uniform(generator, 1 - contrast, 1 + contrast, len(x_B3HW), 1, 1, 1)
    x_B3HW = x_B3HW * uniform(generator, 1 - brightness, 1 + brightness, len(x_B3HW), 1, 1, 1)
    return (x_B3HW * uniform(generator, 1 - cast, 1 + cast, len(x_B3HW), x_B3HW.shape[1], 1, 1)).clamp(0, 1)
