"""Nets that judge one heartbeat: a small CNN, the same with attention or with an LSTM, and one that hears the rhythm.

The first three see a beat alone, `x_B1T` of 256 samples at 360 Hz in mV; `BeatNet` sees it in context (four channels at
180 Hz) beside its rhythm. All give logits `(B, classes)`. Suffixes: P places of the feature map, H heads, F features.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn


class BeatCNN(nn.Module):
    """Two convolutions, each with batch norm, ReLU and max-pooling, then a perceptron; a place of the map is 22 ms."""

    LOOKS_AT = "features.4"
    """The last convolution: where Grad-CAM listens."""

    def __init__(
        self, *, channels: tuple[int, int] = (32, 64), hidden: int = 64, classes: int = 5, dropout: float = 0.3
    ):
        super().__init__()
        self.channels, self.hidden, self.classes, self.dropout = list(channels), hidden, classes, dropout
        self.features = nn.Sequential(
            nn.Conv1d(1, channels[0], 9, padding=4, bias=False), nn.BatchNorm1d(channels[0]), nn.ReLU(),
            nn.MaxPool1d(4),
            nn.Conv1d(channels[0], channels[1], 9, padding=4, bias=False), nn.BatchNorm1d(channels[1]), nn.ReLU(),
            nn.MaxPool1d(2),
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.AdaptiveMaxPool1d(16), nn.Flatten(), nn.Dropout(dropout), nn.Linear(16 * channels[1], hidden), nn.ReLU(),
            nn.Dropout(dropout), nn.Linear(hidden, classes),
        )  # fmt: skip

    def forward(self, x_B1T: Tensor) -> Tensor:
        return self.head(self.between(self.features(x_B1T)))

    def between(self, map_BCP: Tensor) -> Tensor:
        """What happens to the feature map before the head: nothing here."""
        return map_BCP


class BeatAttention(BeatCNN):
    """`BeatCNN` with multi-head self-attention (Vaswani et al. 2017) over the 32 places of its feature map."""

    def __init__(
        self,
        *,
        channels: tuple[int, int] = (32, 64),
        hidden: int = 64,
        classes: int = 5,
        dropout: float = 0.3,
        heads: int = 4,
    ) -> None:
        super().__init__(channels=channels, hidden=hidden, classes=classes, dropout=dropout)
        self.heads = heads
        self.place = nn.Parameter(0.02 * torch.randn(1, channels[1], 32))
        self.attention = nn.MultiheadAttention(channels[1], heads, dropout=0.1, batch_first=True)
        self.norm = nn.LayerNorm(channels[1])

    def between(self, map_BCP: Tensor) -> Tensor:
        return self._attend(map_BCP)[0]

    def weights(self, x_B1T: Tensor) -> Tensor:
        """How much each head looks at each place `(B, H, P)`: the mean over all places that ask; each row sums to 1."""
        return self._attend(self.features(x_B1T))[1].mean(2)

    def _attend(self, map_BCP: Tensor) -> tuple[Tensor, Tensor]:
        map_BPC = (map_BCP + self.place).transpose(1, 2)
        heard_BPC, weight_BHPP = self.attention(map_BPC, map_BPC, map_BPC, average_attn_weights=False)
        return self.norm(map_BPC + heard_BPC).transpose(1, 2), weight_BHPP


class BeatCNNLSTM(BeatCNN):
    """`BeatCNN` with a bidirectional LSTM over its feature map before the head (Hochreiter & Schmidhuber 1997)."""

    def __init__(
        self, *, channels: tuple[int, int] = (32, 64), hidden: int = 64, classes: int = 5, dropout: float = 0.3
    ):
        super().__init__(channels=channels, hidden=hidden, classes=classes, dropout=dropout)
        self.lstm = nn.LSTM(channels[1], channels[1] // 2, batch_first=True, bidirectional=True)

    def between(self, map_BCP: Tensor) -> Tensor:
        return self.lstm(map_BCP.transpose(1, 2))[0].transpose(1, 2)


class BeatNet(nn.Module):
    """Residual blocks (He et al. 2016) over a beat in context and a perceptron over its rhythm, joined in a perceptron.

    Takes `x_BCT`, four channels of 180 samples at 180 Hz, and `rhythm_BF`; both are centred and scaled by buffers. The
    beat's shape reaches the last perceptron through `shape` numbers only: the less it can remember of the training
    patients, the better it does on others.
    """

    LOOKS_AT = "blocks.1.second"

    def __init__(
        self,
        *,
        inputs: int = 4,
        channels: tuple[int, ...] = (24, 32, 48),
        rhythms: int = 17,
        hidden: int = 64,
        shape: int = 16,
        classes: int = 5,
        dropout: float = 0.4,
    ) -> None:
        super().__init__()
        self.inputs, self.channels, self.rhythms = inputs, list(channels), rhythms
        self.hidden, self.shape, self.classes, self.dropout = hidden, shape, classes, dropout
        self.rhythm_mean: Tensor
        self.rhythm_deviation: Tensor
        self.register_buffer("rhythm_mean", torch.zeros(rhythms))
        self.register_buffer("rhythm_deviation", torch.ones(rhythms))
        self.stem = nn.Sequential(
            nn.Conv1d(inputs, channels[0], 13, stride=2, padding=6, bias=False), nn.BatchNorm1d(channels[0]), nn.ReLU(),
            nn.MaxPool1d(2),
        )  # fmt: skip
        self.blocks = nn.Sequential(*(Residual(n, m) for n, m in pairwise(channels)))
        self.squeeze = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * channels[-1], shape), nn.ReLU())
        self.rhythm = nn.Sequential(
            nn.Linear(rhythms, hidden // 2), nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden // 2, hidden // 2), nn.ReLU()
        )
        self.head = nn.Sequential(
            nn.Dropout(0.1),
            nn.Linear(shape + hidden // 2, hidden),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(hidden, classes),
        )

    def forward(self, x_BCT: Tensor, rhythm_BF: Tensor) -> Tensor:
        map_BCP = self.blocks(self.stem(x_BCT))
        shape_BS = self.squeeze(torch.cat([map_BCP.mean(2), map_BCP.amax(2)], dim=1))
        scaled_BF = ((rhythm_BF - self.rhythm_mean) / self.rhythm_deviation).clamp(-4, 4)
        return self.head(torch.cat([shape_BS, self.rhythm(scaled_BF)], dim=1))


@torch.no_grad()
def probabilities(model: nn.Module, *inputs: Tensor) -> Tensor:
    """What `model` makes of beats in any precision, `(B, classes)`; `inputs` are aligned along dim 0."""
    parts = zip(*(t.split(1000) for t in inputs), strict=True)
    return torch.cat([model(*(t.float() for t in part)).softmax(1) for part in parts])


class Residual(nn.Module):
    """Two convolutions of five places with batch norm, the first at half the rate, added to a plain projection."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, outputs, 5, stride=2, padding=2, bias=False)
        self.second = nn.Conv1d(outputs, outputs, 5, padding=2, bias=False)
        self.norm_first, self.norm_second = nn.BatchNorm1d(outputs), nn.BatchNorm1d(outputs)
        self.shortcut = nn.Conv1d(inputs, outputs, 1, stride=2)

    def forward(self, x_BCP: Tensor) -> Tensor:
        inner_BCP = torch.relu(self.norm_first(self.first(x_BCP)))
        return torch.relu(self.norm_second(self.second(inner_BCP)) + self.shortcut(x_BCP))
