"""Perceptrons on colour pictures, to which no pixel is another's neighbour: plain, and with residuals.

Dimension key:  H numbers of a hidden layer
"""

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from models._layers import Standardize
from models.mlp import Block


class Perceptron(nn.Module):
    """`channels · side² → hidden[0] → hidden[1] → … → classes` with ReLU and dropout after each hidden layer.

    Takes pictures `x_BCHW` in [0, 1] and gives logits `(B, classes)`. `meet` shows it pictures before it learns.
    `batch_norm` is for training: `folded` multiplies it into the weights, and the shape is then the plain one.
    """

    def __init__(
        self,
        *,
        hidden: tuple[int, ...],
        channels: int = 3,
        side: int = 32,
        classes: int = 10,
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.hidden, self.channels, self.side, self.classes = list(hidden), channels, side, classes
        self.dropout, self.batch_norm = dropout, batch_norm
        self.standardize = Standardize(channels)
        widths = [channels * side**2, *hidden]
        self.blocks = nn.ModuleList(Block(n, m, dropout=dropout, batch_norm=batch_norm) for n, m in pairwise(widths))
        self.head = nn.Linear(hidden[-1], classes)
        nn.init.zeros_(self.head.bias)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        h_BH = self.standardize(x_BCHW).flatten(1)
        for block in self.blocks:
            h_BH = block(h_BH)
        return self.head(h_BH)

    def meet(self, x_BCHW: Tensor) -> None:
        """Take the mean and deviation of pictures in [0, 1], in place."""
        self.standardize.meet(x_BCHW)

    def layers(self) -> list[str]:
        """The hidden layers' names, from early to late: where an explanation can listen."""
        return [f"blocks.{i}" for i in range(len(self.blocks))]

    def folded(self) -> "Perceptron":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = Perceptron(
            hidden=tuple(self.hidden), channels=self.channels, side=self.side, classes=self.classes,
            dropout=self.dropout,
        )  # fmt: skip
        for mine, theirs in zip(self.blocks, plain.blocks, strict=True):
            assert isinstance(mine, Block) and isinstance(theirs, Block) and isinstance(mine.norm, nn.BatchNorm1d)
            theirs.linear = fuse_linear_bn_eval(mine.linear.eval(), mine.norm.eval())
        plain.standardize.load_state_dict(self.standardize.state_dict())
        plain.head.load_state_dict(self.head.state_dict())
        return plain.eval()


class BottleneckPerceptron(nn.Module):
    """`channels · side² → width`, then `blocks` inverted bottlenecks with residuals, layer norm, to class scores.

    After Bachmann et al. 2023 (“Scaling MLPs”): each block widens `expansion` times and comes back, and is added to
    what it was given. Takes pictures `x_BCHW` in [0, 1] and gives logits `(B, classes)`; `meet` shows it pictures
    before it learns.
    """

    def __init__(
        self,
        *,
        width: int = 512,
        expansion: int = 2,
        blocks: int = 3,
        channels: int = 3,
        side: int = 32,
        classes: int = 10,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.width, self.expansion, self.blocks = width, expansion, blocks
        self.channels, self.side, self.classes, self.dropout = channels, side, classes, dropout
        self.standardize = Standardize(channels)
        self.stem = nn.Linear(channels * side**2, width)
        self.residuals = nn.ModuleList(Bottleneck(width, expansion, dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)
        nn.init.zeros_(self.head.bias)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        h_BH = self.stem(self.standardize(x_BCHW).flatten(1))
        for residual in self.residuals:
            h_BH = residual(h_BH)
        return self.head(self.norm(h_BH))

    def meet(self, x_BCHW: Tensor) -> None:
        """Take the mean and deviation of pictures in [0, 1], in place."""
        self.standardize.meet(x_BCHW)

    def layers(self) -> list[str]:
        """The stem's and the residuals' names, from early to late: where an explanation can listen."""
        return ["stem", *(f"residuals.{i}" for i in range(self.blocks))]


class Bottleneck(nn.Module):
    """`h + narrow(GELU(widen(norm(h))))`, `(B, H)` to `(B, H)`, with dropout on what is added."""

    def __init__(self, width: int, expansion: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, expansion * width)
        self.narrow = nn.Linear(expansion * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, h_BH: Tensor) -> Tensor:
        return h_BH + self.dropout(self.narrow(F.gelu(self.widen(self.norm(h_BH)))))
