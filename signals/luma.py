"""Brightness and colour apart, as ITU-R BT.601 has them, and Pillow's bicubic kernel either way."""

import torch
import torch.nn.functional as F
from torch import Tensor

WEIGHTS = (0.299, 0.587, 0.114)
"""Of red, green and blue in the luma."""
BLUE, RED = 1.772, 1.402
"""What the chroma components span: `2 − 2 · weight` of blue and of red."""


def to_ycc(x_B3HW: Tensor) -> Tensor:
    """RGB in [0, 1] as `ycc_B3HW`: luma in [0, 1] and two chroma planes in [−0.5, 0.5]."""
    red, green, blue = x_B3HW.unbind(1)
    y_BHW = WEIGHTS[0] * red + WEIGHTS[1] * green + WEIGHTS[2] * blue
    return torch.stack([y_BHW, (blue - y_BHW) / BLUE, (red - y_BHW) / RED], 1)


def to_rgb(ycc_B3HW: Tensor) -> Tensor:
    """`x_B3HW`, the inverse of `to_ycc`; what no RGB picture can show falls outside [0, 1]."""
    y_BHW, cb_BHW, cr_BHW = ycc_B3HW.unbind(1)
    red, blue = y_BHW + RED * cr_BHW, y_BHW + BLUE * cb_BHW
    return torch.stack([red, (y_BHW - WEIGHTS[0] * red - WEIGHTS[2] * blue) / WEIGHTS[1], blue], 1)


def broadcast_luma(x_B3HW: Tensor) -> Tensor:
    """The luma that super-resolution is measured on: 8-bit RGB to `(B, H, W)` uint8 in 16 … 235 (BT.601, broadcast)."""
    red, green, blue = (x_B3HW.double() / 255).unbind(1)
    return (16 + 65.481 * red + 128.553 * green + 24.966 * blue).round().byte()  # 219 · WEIGHTS: black 16, white 235


def resized(x_BCHW: Tensor, size: tuple[int, int]) -> Tensor:
    """`(B, C, *size)`, bicubic (Keys 1981, a = −0.5), antialiased where it shrinks: Pillow's kernel, unrounded."""
    return F.interpolate(x_BCHW, size, mode="bicubic", antialias=True, align_corners=False)


def doubled(x_BCHW: Tensor) -> Tensor:
    """`(B, C, 2 H, 2 W)`, bicubic."""
    return resized(x_BCHW, (2 * x_BCHW.shape[2], 2 * x_BCHW.shape[3]))
