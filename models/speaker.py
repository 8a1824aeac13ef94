"""Two nets that turn a voice into a point on a sphere: the course's recurrent twin, and a small net of convolutions.

Shapes: samples `x_BT` in [-1, 1] at 16 kHz, spectra `m_BFN` of F bands in N frames, embeddings `e_BE` of length 1. The
cosine of two embeddings says how alike two voices sound. Neither net hears how loud a recording is.
"""

import inspect
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from signals.audio import COURSE, RATE_HZ, Frames, mel_bands, stft

MEL = Frames(512, 160, "hann")
"""32 ms every 10 ms: what speech recognition listens to."""


def levelled(x_BT: Tensor) -> Tensor:
    """The samples at an effective level of 0.05 (−26 dB of full scale); silence stays silent."""
    return x_BT * (0.05 / x_BT.square().mean(-1, keepdim=True).sqrt().clamp(min=1e-5))


class SiameseGRU(nn.Module):
    """|STFT| of 513 bins → bidirectional GRU of 256 → linear 512 → 256 → length 1: the course's shape.

    A frame's 512 outputs (256 in either direction) are averaged over time before the linear layer; the last state would
    forget how a long recording began. Twins are one net that is asked twice.
    """

    sample_rate = RATE_HZ

    def __init__(self, *, bins: int = COURSE.bins, hidden: int = 256, embedding: int = 256) -> None:
        super().__init__()
        self.bins, self.hidden, self.embedding = bins, hidden, embedding
        self.recurrent = nn.GRU(bins, hidden, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, embedding)

    def spectrum(self, x_BT: Tensor) -> Tensor:
        """Magnitudes `(B, 513, N)` of 64 ms frames."""
        return stft(levelled(x_BT), COURSE).abs()

    def embed(self, m_BFN: Tensor) -> Tensor:
        out_BNH, _ = self.recurrent(m_BFN.transpose(1, 2))
        return F.normalize(self.head(out_BNH.mean(1)), dim=1)

    def forward(self, x_BT: Tensor) -> Tensor:
        return self.embed(self.spectrum(x_BT))


class SpeakerNet(nn.Module):
    """Log-mel → dilated convolutions with residuals → attentive statistics → linear → length 1.

    A small relative of ECAPA-TDNN (Desplanques et al. 2020): every block's output *and the spectrum itself* reach the
    pooling, which takes the weighted mean and deviation over time with weights of its own for each channel (Okabe et
    al. 2018). `centred` is the share of the recording's mean spectrum that is taken away: all of it removes the
    microphone's colour, and with it some of the voice's. `classes` speakers, each with a direction of its own, exist
    in training only: `exported` leaves them out.
    """

    sample_rate = RATE_HZ

    def __init__(
        self,
        *,
        bands: int = 64,
        channels: int = 96,
        dilations: tuple[int, ...] = (1, 2, 3),
        embedding: int = 128,
        centred: float = 1.0,
        dropout: float = 0.2,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.bands, self.channels, self.dilations = bands, channels, list(dilations)
        self.embedding, self.centred, self.dropout, self.classes = embedding, centred, dropout, classes
        self.stem = nn.Sequential(nn.Conv1d(bands, channels, 5, stride=2, padding=2), nn.ReLU(), nn.BatchNorm1d(channels))
        self.blocks = nn.ModuleList(Block(channels, d) for d in dilations)
        gathered = bands + channels * (1 + len(self.dilations))
        self.attention = nn.Sequential(nn.Conv1d(channels, 48, 1), nn.Tanh(), nn.Conv1d(48, gathered, 1))
        self.norm = nn.BatchNorm1d(2 * gathered)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(2 * gathered, embedding)
        self.direction_CE = nn.Parameter(torch.empty(classes, embedding)) if classes else None
        if self.direction_CE is not None:
            nn.init.xavier_uniform_(self.direction_CE)

    def spectrum(self, x_BT: Tensor) -> Tensor:
        """Log-mel energies `(B, bands, N)`, in units of 10 dB, their mean over time taken away by the share `centred`."""
        power_BFN = stft(levelled(x_BT), MEL).abs().square()
        mel_FM = mel_bands(MEL.bins, self.bands).to(x_BT.device)
        m_BFN = (torch.einsum("bfn,fm->bmn", power_BFN, mel_FM) + 1e-5).log10()
        return m_BFN - self.centred * m_BFN.mean(-1, keepdim=True)

    def embed(self, m_BFN: Tensor) -> Tensor:
        h_BCN = self.stem(m_BFN)
        outputs = [m_BFN[:, :, ::2], h_BCN]
        for block in self.blocks:
            h_BCN = block(h_BCN)
            outputs.append(h_BCN)
        weight_BCN = self.attention(h_BCN).softmax(-1)
        h_BCN = torch.cat(outputs, dim=1)
        mean_BC = (weight_BCN * h_BCN).sum(-1)
        spread_BC = ((weight_BCN * h_BCN.square()).sum(-1) - mean_BC.square()).clamp(min=1e-5).sqrt()
        pooled_BC = self.norm(torch.cat([mean_BC, spread_BC], dim=1))
        return F.normalize(self.head(self.drop(pooled_BC)), dim=1)

    def forward(self, x_BT: Tensor) -> Tensor:
        return self.embed(self.spectrum(x_BT))

    def exported(self) -> "SpeakerNet":
        """The same net without the directions of the speakers that it was taught with."""
        plain = SpeakerNet(**{name: getattr(self, name) for name in inspect.signature(SpeakerNet).parameters} | {"classes": 0})
        plain.load_state_dict({name: t for name, t in self.state_dict().items() if name != "direction_CE"})
        return plain.eval()


class Block(nn.Module):
    """A dilated convolution over 3 frames, with a gate for each channel, beside the way past it."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.norm = nn.BatchNorm1d(channels)
        self.gate = nn.Sequential(nn.Linear(channels, channels // 4), nn.ReLU(), nn.Linear(channels // 4, channels))

    def forward(self, h_BCN: Tensor) -> Tensor:
        new_BCN = self.norm(F.relu(self.conv(h_BCN)))
        gate_BC1 = self.gate(new_BCN.mean(-1)).sigmoid().unsqueeze(-1)
        return h_BCN + gate_BC1 * new_BCN


Voice = SiameseGRU | SpeakerNet
SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 8.0


@torch.no_grad()
def embedding(model: Voice, x_T: Tensor) -> Tensor:
    """The voice `(E,)` of one recording at 16 kHz: its first 8 s, or itself again and again until it lasts 1 s."""
    x_T = x_T[: int(LONGEST_SECONDS * RATE_HZ)]
    shortest = int(SHORTEST_SECONDS * RATE_HZ)
    x_T = x_T.repeat(math.ceil(shortest / len(x_T)))[: max(shortest, len(x_T))]
    return model(x_T.unsqueeze(0))[0]
