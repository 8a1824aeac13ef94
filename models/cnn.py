"""The small convolutional net: pairs of 3 × 3 convolutions, halved in size after each pair, to class scores."""

from itertools import pairwise

from torch import Tensor, nn

from models._layers import Convolution, fold


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
        fold(self, plain)
        return plain.eval()
