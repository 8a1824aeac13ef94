"""A small net that sees pictures with their pixels mixed up within blocks: a perceptron, or a convolutional one."""

from typing import Literal

from torch import Tensor, nn

from models.cnn import CNN
from models.perceptron import Perceptron
from signals.scramble import block_order, scramble

Kind = Literal["perceptron", "cnn"]
HIDDEN = (44, 44)
CHANNELS = (16, 48, 88)
"""About 140,000 numbers each."""


class Scrambled(nn.Module):
    """A net behind one fixed permutation of pixels within blocks of `block` pixels a side (see `signals.scramble`).

    Takes pictures `x_BCHW` in [0, 1], of `side` pixels and not scrambled, and gives logits `(B, classes)`. `batch_norm`
    is for training: `folded` multiplies it into the weights. ValueError where the blocks do not fill the picture.
    """

    order: Tensor

    def __init__(self, *, kind: Kind, block: int, side: int = 32, classes: int = 10, batch_norm: bool = False) -> None:
        super().__init__()
        self.kind: Kind = kind
        self.block, self.side, self.classes, self.batch_norm = block, side, classes, batch_norm
        self.register_buffer("order", block_order(block, side).int())
        self.net: Perceptron | CNN
        if kind == "cnn":
            self.net = CNN(inputs=3, channels=CHANNELS, classes=classes, dropout=0.0, batch_norm=batch_norm)
        else:
            self.net = Perceptron(hidden=HIDDEN, side=side, classes=classes, batch_norm=batch_norm)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self.net(scramble(x_BCHW, self.order))

    def meet(self, x_BCHW: Tensor) -> None:
        """Take the mean and deviation of pictures in [0, 1], in place, where the net inside wants them."""
        if isinstance(self.net, Perceptron):
            self.net.meet(x_BCHW)

    def layers(self) -> list[str]:
        """The inner net's layers: where an explanation can listen."""
        return [f"net.{name}" for name in self.net.layers()]

    def folded(self) -> "Scrambled":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = Scrambled(kind=self.kind, block=self.block, side=self.side, classes=self.classes)
        plain.net = self.net.folded()
        return plain.eval()
