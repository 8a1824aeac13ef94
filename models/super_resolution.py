"""Nets that double a picture's resolution: the course's SRCNN, and a small one that works at the small size.

Both take and give luma `y_B1hw` in [0, 1] of any size; `in_colour` adds the chroma, which bicubic enlarges well
enough. Not covered: factors other than 2, blind degradations, generative detail.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from metrics.pictures import psnr_db, ssim
from signals.luma import broadcast_luma, doubled, to_rgb, to_ycc

SCALE = 2
SHAVE = 2
"""Pixels at the edge that are not measured, as the field has it for × 2."""


class SRCNN(nn.Module):
    """Three convolutions of 9, 5 and 5 pixels on the bicubic upscale (Dong et al. 2016, the 9-5-5 net).

    One path through the middle of all three starts as the identity, so that training begins at bicubic.
    """

    def __init__(self, *, channels: tuple[int, int] = (64, 32)) -> None:
        super().__init__()
        self.channels = list(channels)
        first, second = channels
        self.patches = nn.Conv2d(1, first, 9, padding=4)
        self.mapping = nn.Conv2d(first, second, 5, padding=2)
        self.reconstruction = nn.Conv2d(second, 1, 5, padding=2)
        layers = (self.patches, self.mapping, self.reconstruction)
        for layer in layers:
            _start(layer)
        with torch.no_grad():
            self.reconstruction.weight *= 0.01
            for layer in layers:
                middle = layer.kernel_size[0] // 2
                layer.weight[0] *= layer is self.reconstruction
                layer.weight[0, 0] = 0
                layer.weight[0, 0, middle, middle] = 1
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast on a CPU

    @property
    def radius(self) -> int:
        """How many pixels of the small picture around one decide what becomes of it."""
        return 6  # (4 + 2 + 2) / 2 and the two of bicubic

    def forward(self, y_B1hw: Tensor) -> Tensor:
        y_B1HW = doubled(y_B1hw)
        return self.reconstruction(torch.relu(self.mapping(torch.relu(self.patches(y_B1HW)))))


class SubPixelNet(nn.Module):
    """3 × 3 convolutions at the small size in residual pairs, then `PixelShuffle` (Shi et al. 2016), plus bicubic.

    What is learnt is only what bicubic lacks (Kim et al. 2016); training begins at bicubic.
    """

    def __init__(self, *, channels: int = 48, pairs: int = 3) -> None:
        super().__init__()
        self.channels, self.pairs = channels, pairs
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.body = nn.ModuleList(Pair(channels) for _ in range(pairs))
        self.head = nn.Conv2d(channels, SCALE**2, 3, padding=1)
        _start(self.stem)
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def radius(self) -> int:
        """How many pixels of the small picture around one decide what becomes of it."""
        return 2 * self.pairs + 2

    def forward(self, y_B1hw: Tensor) -> Tensor:
        x_BChw = self.stem(y_B1hw)
        for pair in self.body:
            x_BChw = pair(x_BChw)
        return doubled(y_B1hw) + F.pixel_shuffle(self.head(x_BChw), SCALE)


class Pair(nn.Module):
    """`x + conv(relu(conv(relu(x))))`: two convolutions beside a straight wire."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        _start(self.first)
        _start(self.second)
        with torch.no_grad():
            self.second.weight *= 0.1

    def forward(self, x_BChw: Tensor) -> Tensor:
        return x_BChw + self.second(torch.relu(self.first(torch.relu(x_BChw))))


Enlarge = Callable[[Tensor], Tensor]
"""Luma `y_B1hw` to `y_B1HW`: a net, or `doubled`."""


def in_colour(enlarge: Enlarge, x_B3hw: Tensor) -> Tensor:
    """RGB in [0, 1] at twice the size: luma by `enlarge`, chroma bicubic, clipped to [0, 1]."""
    ycc_B3hw = to_ycc(x_B3hw)
    return to_rgb(torch.cat([enlarge(ycc_B3hw[:, :1]), doubled(ycc_B3hw[:, 1:])], 1)).clamp(0, 1)


def luma_fidelity(sharp_3HW: Tensor, picture_3HW: Tensor) -> dict[str, float]:
    """PSNR in dB and SSIM on 8-bit broadcast luma, without the outermost two pixels, as the field measures enlarging.

    Raises ValueError where less than SSIM's window is left of a side.
    """
    truth, picture = (
        broadcast_luma(x[None])[:, None, SHAVE:-SHAVE, SHAVE:-SHAVE].double() for x in (sharp_3HW, picture_3HW)
    )
    return {"psnr_db": psnr_db(truth, picture, full=255).item(), "ssim": ssim(truth, picture, full=255).item()}


class Tile(NamedTuple):
    """The rows and columns to read, and which of them to keep, all counted at the small size."""

    rows: slice
    columns: slice
    kept_rows: slice
    kept_columns: slice

    def read(self, x_Bhw: Tensor) -> Tensor:
        """What a net must see of the small picture."""
        return x_Bhw[..., self.rows, self.columns]

    def place(self, found_BHW: Tensor, x_BHW: Tensor) -> None:
        """Put what is to be kept of the tile's result into the large picture."""
        kept = found_BHW[..., _large(self.kept_rows), _large(self.kept_columns)]
        top, left = (
            SCALE * (self.rows.start + self.kept_rows.start),
            SCALE * (self.columns.start + self.kept_columns.start),
        )
        x_BHW[..., top : top + kept.shape[-2], left : left + kept.shape[-1]] = kept


def tiles(height: int, width: int, *, side: int, margin: int) -> Iterator[Tile]:
    """Squares of `side` that cover the picture once, each to be read with `margin` pixels around it."""
    for top, left in product(range(0, height, side), range(0, width, side)):
        rows = slice(max(0, top - margin), min(height, top + side + margin))
        columns = slice(max(0, left - margin), min(width, left + side + margin))
        keep = [
            slice(start - whole.start, min(start + side, end) - whole.start)
            for start, end, whole in ((top, height, rows), (left, width, columns))
        ]
        yield Tile(rows, columns, *keep)


def _large(part: slice) -> slice:
    return slice(SCALE * part.start, SCALE * part.stop)


def _start(layer: nn.Conv2d) -> None:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
