"""What can be measured on the outline of a solid thing without a net: its size, surface, axes, moments and thickness.

After the shape features that radiomics agrees on (Zwanenburg et al. 2020, the image biomarker standardisation
initiative, chapter 3.1). A mask is `x_DHW`, above 0 inside; a voxel is 1 wide, so of MedMNIST's glands millimetres.
"""

import math

import numpy as np
import torch
from torch import Tensor

MEASURES = (
    "volume",
    "surface area",
    "sphericity",
    "longest axis",
    "middle axis",
    "shortest axis",
    "elongation",
    "flatness",
    "skewness along the longest axis",
    "thickest place",
    "mean depth",
    "filled share of its box",
    "diagonal of its box",
)
CAUCHY = 2 / 3
"""A sphere covers π r² seen along each axis, from two sides: its voxels show 6 π r² of faces, where 4 π r² are true."""


def shape_measures(x_B1DHW: Tensor) -> Tensor:
    """The `MEASURES` of each mask `(B, 1, D, H, W)`: `(B, 13)` float32, lengths in voxels, the rest ratios.

    Axes are four standard deviations long, which an ellipsoid's are times √5 / 2; surface is the area of the voxels'
    open faces times `CAUCHY`. Raises ValueError where nothing is inside.
    """
    return torch.tensor([_measured(x_DHW) for x_DHW in (x_B1DHW[:, 0] > 0).cpu().numpy()], dtype=torch.float32)


def _measured(inside_DHW: np.ndarray) -> list[float]:
    from scipy.ndimage import distance_transform_edt  # not on the way of the first page

    at_N3 = np.argwhere(inside_DHW)
    if not len(at_N3):
        raise ValueError("An empty volume has no shape to measure. Leave out those without a voxel inside.")
    low_3, high_3 = at_N3.min(0), at_N3.max(0) + 1
    z, y, x = (slice(a, b) for a, b in zip(low_3, high_3, strict=True))
    padded_DHW = np.pad(inside_DHW[z, y, x], 1)
    volume, sides_3 = len(at_N3), high_3 - low_3
    surface = CAUCHY * sum(np.count_nonzero(np.diff(padded_DHW, axis=axis)) for axis in range(3))
    centred_N3 = at_N3 - at_N3.mean(0)
    # a voxel's own extent is 1 / 12 of variance, so that a plane of voxels has a thickness too
    variance_3, axes_33 = np.linalg.eigh(centred_N3.T @ centred_N3 / volume + np.eye(3) / 12)
    short, middle, long = 4 * np.sqrt(variance_3)
    along_N = centred_N3 @ axes_33[:, 2]
    depth_DHW = distance_transform_edt(padded_DHW)
    assert isinstance(depth_DHW, np.ndarray)
    return [
        volume,
        surface,
        math.pi ** (1 / 3) * (6 * volume) ** (2 / 3) / surface,
        long,
        middle,
        short,
        middle / long,
        short / long,
        abs((along_N**3).mean()) / variance_3[2] ** 1.5,  # an axis has no direction
        depth_DHW.max(),
        depth_DHW.sum() / volume,
        volume / sides_3.prod(),
        math.sqrt((sides_3**2).sum()),
    ]
