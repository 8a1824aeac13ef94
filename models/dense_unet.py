"""A dense U-Net that turns one scan into another: every layer sees all before it, at four sizes down and up again.

Jégou et al. 2017 (the hundred-layer tiramisu), slimmed: it works at half the size (`PixelUnshuffle`), so that two
cores can train it. Not covered: volumes; a slice knows nothing of its neighbours.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models._layers import Convolution, fold
from signals.scan import winsorised

FOLD = 2
"""How many pixels each way become channels before the first layer."""


class DenseUNet(nn.Module):
    """`layers` convolutions of `growth[i]` channels in a dense block at each size, half as large from one to the next.

    Takes scans `x_B1HW` in [0, 1] of any size, winsorised here, and gives the other contrast `y_B1HW`, where 1 is the
    brightness that one pixel in a thousand of the training targets exceeds; not clipped. `batch_norm` is for training:
    `folded` multiplies it into the weights.
    """

    def __init__(
        self,
        *,
        stem: int = 24,
        growth: tuple[int, ...] = (12, 20, 28, 36),
        layers: int = 3,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        self.stem, self.growth, self.layers, self.batch_norm = stem, list(growth), layers, batch_norm
        self.first = Convolution(FOLD**2, stem, batch_norm=batch_norm)
        self.down, self.shrink = nn.ModuleList(), nn.ModuleList()
        channels, skips = stem, []
        for size, grown in enumerate(growth):
            self.down.append(Dense(channels, grown, layers, batch_norm=batch_norm))
            channels += grown * layers
            if size < len(growth) - 1:
                skips.append(channels)
                self.shrink.append(nn.Conv2d(channels, channels // 2, 1))
                channels //= 2
        self.up, self.narrow = nn.ModuleList(), nn.ModuleList()
        for skip, grown in zip(reversed(skips), reversed(growth[:-1]), strict=True):
            self.narrow.append(nn.Conv2d(channels, skip // 2, 1))
            self.up.append(Dense(skip + skip // 2, grown, layers, batch_norm=batch_norm))
            channels = skip + skip // 2 + grown * layers
        self.head = nn.Conv2d(channels, FOLD**2, 1)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster on a CPU

    def forward(self, x_B1HW: Tensor) -> Tensor:
        height, width = x_B1HW.shape[2:]
        multiple = FOLD * 2 ** len(self.shrink)
        x_B1HW = F.pad(winsorised(x_B1HW), (0, -width % multiple, 0, -height % multiple), mode="replicate")
        return F.pixel_shuffle(self.head(self.features(F.pixel_unshuffle(x_B1HW, FOLD))), FOLD)[..., :height, :width]

    def features(self, x_BChw: Tensor) -> Tensor:
        """What the last layer reads, `(B, channels, h, w)`, of the folded picture `(B, 4, h, w)`, half as large."""
        x_BChw, skips = self.first(x_BChw), []
        for block, shrink in zip(self.down, [*self.shrink, None], strict=True):
            x_BChw = block(x_BChw)
            if shrink is not None:
                skips.append(x_BChw)
                x_BChw = F.avg_pool2d(shrink(x_BChw), 2)
        for narrow, block in zip(self.narrow, self.up, strict=True):
            # Twice as large, beside what was seen at this size on the way down.
            x_BChw = F.interpolate(narrow(x_BChw), scale_factor=2, mode="nearest")
            x_BChw = block(torch.cat([x_BChw, skips.pop()], 1))
        return x_BChw

    def folded(self) -> "DenseUNet":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = DenseUNet(stem=self.stem, growth=tuple(self.growth), layers=self.layers, batch_norm=False)
        fold(self, plain)
        return plain.eval()


class Dense(nn.Module):
    """Each convolution reads what came in and what all before it found (Huang et al. 2017).

    From `(B, inputs, H, W)` to `(B, inputs + layers · growth, H, W)`: what came in stays in front.
    """

    def __init__(self, inputs: int, growth: int, layers: int, *, batch_norm: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            Convolution(inputs + i * growth, growth, batch_norm=batch_norm) for i in range(layers)
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        for layer in self.layers:
            x_BCHW = torch.cat([x_BCHW, layer(x_BCHW)], 1)
        return x_BCHW
