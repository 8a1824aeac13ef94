"""Nets that read a volume: one in three dimensions, and two that only see pictures cut out of it.

All are asked the same way, with `x_B1DHW` in [0, 1] of any size, and all bring it to `edge`³ voxels before they begin.
"""

from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models._layers import Convolution, fold

EDGE = 32
"""Voxels along each side: half of MedMNIST's larger size, an eighth of its work."""
Views = Literal["middle", "projections"]


def pooled(x_B1DHW: Tensor, edge: int = EDGE) -> Tensor:
    """Volumes `(B, 1, D, H, W)` as `(B, 1, edge, edge, edge)`: each voxel the mean of those that it covers or touches.

    One that has that size already is handed back as it is.
    """
    shape = tuple(x_B1DHW.shape[2:])
    if shape == (edge,) * 3:
        return x_B1DHW
    if all(side % edge == 0 for side in shape):
        return F.avg_pool3d(x_B1DHW, tuple(side // edge for side in shape))
    return F.adaptive_avg_pool3d(x_B1DHW, edge)


class VolumeNet(nn.Module):
    """A convolutional net in three dimensions: `channels[0] → pool → channels[1] → pool → …`, then the mean over space.

    Takes volumes `x_B1DHW` in [0, 1] of any size, and gives logits `(B, classes)`. A stage is one convolution, the last
    stage two, all 3 × 3 × 3 with ReLU, their weights as He et al. 2015 propose. `batch_norm` is for training: `folded`
    multiplies it into the weights.
    """

    def __init__(
        self,
        *,
        channels: tuple[int, ...] = (16, 32, 64),
        classes: int = 2,
        edge: int = EDGE,
        dropout: float = 0.3,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.channels, self.classes, self.edge = list(channels), classes, edge
        self.dropout, self.batch_norm = dropout, batch_norm
        self.stages = nn.ModuleList(
            Convolution(n, m, batch_norm=batch_norm, places=3) for n, m in pairwise([1, *channels])
        )
        self.last = Convolution(channels[-1], channels[-1], batch_norm=batch_norm, places=3)
        self.pool = nn.MaxPool3d(2, ceil_mode=True)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(channels[-1], classes)
        nn.init.zeros_(self.head.bias)

    def forward(self, x_B1DHW: Tensor) -> Tensor:
        x_BCDHW = pooled(x_B1DHW, self.edge)
        for i, stage in enumerate(self.stages):
            x_BCDHW = stage(self.pool(x_BCDHW) if i else x_BCDHW)
        x_BCDHW = self.last(x_BCDHW)
        return self.head(self.drop(x_BCDHW.mean((2, 3, 4))))

    def layers(self) -> list[str]:
        """The convolutions' names, from early to late: where an explanation can listen."""
        return [name for name, module in self.named_modules() if isinstance(module, Convolution)]

    def folded(self) -> "VolumeNet":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = VolumeNet(channels=tuple(self.channels), classes=self.classes, edge=self.edge, dropout=self.dropout)
        fold(self, plain)
        return plain.eval()


class SliceNet(nn.Module):
    """A net of two dimensions that sees one picture of a volume, or three: what a third dimension is worth beside it.

    `views="middle"` takes the slice in the middle of the last axis, along which scanners cut; `"projections"` the mean
    along each axis, each read by the same convolutions, and judged together. Volumes `x_B1DHW` in [0, 1] of any size;
    logits `(B, classes)`.
    ValueError for any other `views`.
    """

    def __init__(
        self,
        *,
        views: Views = "middle",
        channels: tuple[int, ...] = (16, 32, 64),
        classes: int = 2,
        edge: int = EDGE,
        dropout: float = 0.3,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        if views not in ("middle", "projections"):
            raise ValueError(f"A volume is seen in its “middle” or in its “projections”, not as “{views}”.")
        self.views: Views = views
        self.channels, self.classes, self.edge = list(channels), classes, edge
        self.dropout, self.batch_norm = dropout, batch_norm
        self.stages = nn.ModuleList(
            nn.Sequential(*(Convolution(k, m, batch_norm=batch_norm) for k in (n, m)))
            for n, m in pairwise([1, *channels])
        )
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(channels[-1] * (3 if views == "projections" else 1), classes)
        nn.init.zeros_(self.head.bias)

    def pictures(self, x_B1DHW: Tensor) -> Tensor:
        """What of the volumes is seen, `(B, V, edge, edge)`: the middle slice, or the mean along each axis in turn."""
        x_BDHW = pooled(x_B1DHW, self.edge)[:, 0]
        if self.views == "middle":
            return x_BDHW[:, None, :, :, self.edge // 2]
        return torch.stack([x_BDHW.mean(axis) for axis in (1, 2, 3)], 1)

    def forward(self, x_B1DHW: Tensor) -> Tensor:
        x_BVHW = self.pictures(x_B1DHW)
        x_NCHW = x_BVHW.flatten(0, 1)[:, None]
        for i, stage in enumerate(self.stages):
            x_NCHW = stage(self.pool(x_NCHW) if i else x_NCHW)
        feature_BF = x_NCHW.mean((2, 3)).unflatten(0, x_BVHW.shape[:2]).flatten(1)
        return self.head(self.drop(feature_BF))

    def layers(self) -> list[str]:
        """The convolutions' names, from early to late."""
        return [name for name, module in self.named_modules() if isinstance(module, Convolution)]

    def folded(self) -> "SliceNet":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = SliceNet(
            views=self.views, channels=tuple(self.channels), classes=self.classes, edge=self.edge, dropout=self.dropout
        )
        fold(self, plain)
        return plain.eval()
