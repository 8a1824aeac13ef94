"""Slices of a head scan: their brightness brought to a common range, and where the head is."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

LOW, HIGH = 0.01, 0.99
"""Shares of a slice's pixels below and above which brightness is cut off."""
DARK = 10 / 255
"""How much brighter than the ground a pixel of the head is, at least."""


def winsorised(x_B1HW: Tensor) -> Tensor:
    """`(B, 1, H, W)`: each slice from 0 at its own 1st to 1 at its 99th percentile, cut off there; a flat one is 0."""
    flat_BN = x_B1HW.flatten(1)
    low_B, high_B = torch.quantile(flat_BN, torch.tensor([LOW, HIGH], dtype=x_B1HW.dtype, device=x_B1HW.device), 1)
    low_B111, high_B111 = low_B.view(-1, 1, 1, 1), high_B.view(-1, 1, 1, 1)
    return (x_B1HW.clamp(low_B111, high_B111) - low_B111) / (high_B111 - low_B111).clamp(min=1e-6)


def head(x_HW: Tensor) -> Tensor:
    """Where the head is in a slice in [0, 1], `(H, W)` bool: the largest thing brighter than the ground, holes filled.

    The ground is the median of the border. Everything counts as head where nothing stands out.
    """
    from scipy import ndimage  # not on the way of the first page

    x = x_HW.cpu().numpy()
    border = np.concatenate([x[0], x[-1], x[:, 0], x[:, -1]])
    padded = np.pad(x > np.median(border) + DARK, 3)  # so that closing does not eat into the edge
    labelled: Any = ndimage.label(ndimage.binary_closing(padded, iterations=2))
    parts, count = labelled
    if not count:
        return torch.ones(x.shape, dtype=torch.bool)
    largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
    filled: Any = ndimage.binary_fill_holes(largest)
    return torch.from_numpy(filled[3:-3, 3:-3])
