"""The multi-layer perceptron: a picture as one row of numbers, through equal hidden layers, to class scores."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval


class MLP(nn.Module):
    """`inputs → layers × hidden → classes` with ReLU and dropout after each hidden layer.

    Takes pictures or rows in [0, 1], any shape `(B, …)` with `inputs` numbers each, and gives logits `(B, classes)`.
    Weights start as He et al. 2015 propose for ReLU. `batch_norm` is for training: `folded` multiplies it into the
    weights, after which the net has the same shape and size as one that never had it.
    """

    def __init__(
        self,
        *,
        inputs: int = 784,
        hidden: int = 1024,
        layers: int = 5,
        classes: int = 10,
        dropout: float = 0.2,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.inputs, self.hidden, self.layers, self.classes = inputs, hidden, layers, classes
        self.dropout, self.batch_norm = dropout, batch_norm
        widths = [inputs] + layers * [hidden]
        self.blocks = nn.ModuleList(Block(n, m, dropout=dropout, batch_norm=batch_norm) for n, m in pairwise(widths))
        self.head = nn.Linear(hidden, classes)
        nn.init.zeros_(self.head.bias)

    def forward(self, x_BX: Tensor) -> Tensor:
        h_BH = x_BX.flatten(1)
        for block in self.blocks:
            h_BH = block(h_BH)
        return self.head(h_BH)

    def folded(self) -> "MLP":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = MLP(
            inputs=self.inputs, hidden=self.hidden, layers=self.layers, classes=self.classes, dropout=self.dropout
        )
        with torch.no_grad():
            for mine, theirs in zip(self.blocks, plain.blocks, strict=True):
                assert isinstance(mine, Block) and isinstance(theirs, Block)
                assert isinstance(mine.norm, nn.BatchNorm1d)
                theirs.linear = fuse_linear_bn_eval(mine.linear.eval(), mine.norm.eval())
        plain.head.load_state_dict(self.head.state_dict())
        return plain.eval()


class Block(nn.Module):
    """One hidden layer, `(B, inputs)` to `(B, outputs)`: linear, batch norm if asked for, ReLU, dropout."""

    def __init__(self, inputs: int, outputs: int, *, dropout: float, batch_norm: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs) if batch_norm else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.linear.bias)

    def forward(self, x_BX: Tensor) -> Tensor:
        return self.dropout(self.norm(self.linear(x_BX)).relu())
