"""Nets that judge one heartbeat: a small CNN, the same with attention or with an LSTM, and one that hears the rhythm.

The first three see a beat alone, `x_B1T` of 256 samples at 360 Hz in mV; `BeatNet` sees it in context (two channels at
180 Hz) beside its rhythm. All give logits `(B, classes)`. Suffixes: P places of the feature map, H heads, F features.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn


class BeatCNN(nn.Module):
    """Two convolutions, each with batch norm, ReLU and max-pooling by four, then a perceptron: 5.6 ms to 45 ms a place."""

    LOOKS_AT = "features.4"
    """The last convolution: where Grad-CAM listens."""

    def __init__(self, *, channels: tuple[int, int] = (32, 64), hidden: int = 64, classes: int = 5, dropout: float = 0.3):
        super().__init__()
        self.channels, self.hidden, self.classes, self.dropout = list(channels), hidden, classes, dropout
        self.features = nn.Sequential(
            nn.Conv1d(1, channels[0], 9, padding=4, bias=False), nn.BatchNorm1d(channels[0]), nn.ReLU(), nn.MaxPool1d(4),
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
    """`BeatCNN` with multi-head self-attention over its feature map of 32 places (Vaswani et al. 2017), nothing else."""

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

    def __init__(self, *, channels: tuple[int, int] = (32, 64), hidden: int = 64, classes: int = 5, dropout: float = 0.3):
        super().__init__(channels=channels, hidden=hidden, classes=classes, dropout=dropout)
        self.lstm = nn.LSTM(channels[1], channels[1] // 2, batch_first=True, bidirectional=True)

    def between(self, map_BCP: Tensor) -> Tensor:
        return self.lstm(map_BCP.transpose(1, 2))[0].transpose(1, 2)
