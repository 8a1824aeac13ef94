"""The small convolutional net: pairs of 3 × 3 convolutions, halved in size after each pair, to class scores."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class CNN(nn.Module):
    """`channels[0] → pool → channels[1] → pool → …`, two convolutions for each, ReLU, then the mean over the picture.

    Takes pictures `x_BCHW` in [0, 1] of any size from `2 ** len(channels)` pixels up, and gives logits `(B, classes)`.
    Weights start as He et al. 2015 propose for ReLU. `batch_norm` is for training: `folded` multiplies it into the
    weights.
    """

    def __init__(
        self,
        *,
        inputs: int = 1,
        channels: tuple[int, ...] = (24, 48, 72),
        classes: int = 10,
        dropout: float = 0.2,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.inputs, self.channels, self.classes = inputs, list(channels), classes
        self.dropout, self.batch_norm = dropout, batch_norm
        stages = pairwise([inputs, *channels])
        self.stages = nn.ModuleList(
            nn.Sequential(Convolution(n, m, batch_norm=batch_norm), Convolution(m, m, batch_norm=batch_norm))
            for n, m in stages
        )
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(channels[-1], classes)
        nn.init.zeros_(self.head.bias)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        for i, stage in enumerate(self.stages):
            x_BCHW = stage(self.pool(x_BCHW) if i else x_BCHW)
        return self.head(self.drop(x_BCHW.mean((2, 3))))

    def layers(self) -> list[str]:
        """The convolutions' names, from early to late: where an explanation can listen."""
        return [name for name, module in self.named_modules() if isinstance(module, Convolution)]

    def folded(self) -> "CNN":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = CNN(inputs=self.inputs, channels=tuple(self.channels), classes=self.classes, dropout=self.dropout)
        mine = [m for m in self.modules() if isinstance(m, Convolution)]
        theirs = [m for m in plain.modules() if isinstance(m, Convolution)]
        for old, new in zip(mine, theirs, strict=True):
            assert isinstance(old.norm, nn.BatchNorm2d)
            new.conv = fuse_conv_bn_eval(old.conv.eval(), old.norm.eval())
        plain.head.load_state_dict(self.head.state_dict())
        return plain.eval()


class Convolution(nn.Module):
    """A 3 × 3 convolution that keeps the picture's size, batch norm if asked for, ReLU."""

    def __init__(self, inputs: int, outputs: int, *, batch_norm: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs) if batch_norm else nn.Identity()
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out", nonlinearity="relu")
        assert self.conv.bias is not None
        nn.init.zeros_(self.conv.bias)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x_BCHW)))
