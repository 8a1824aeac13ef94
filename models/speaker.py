"""Two nets that turn a voice into a point on a sphere: the course's recurrent twin, and a small net of convolutions.

Shapes: samples `x_BT` in [-1, 1] at 16 kHz, spectra `m_BFN` of F bands in N frames, embeddings `e_BE` of length 1. How
alike two voices sound is what `score` says, and nothing else: of the twins their cosine, of ours how far that stands
out from what either voice has with strangers (`adaptive_norm`). Neither net hears how loud a recording is.
"""

import inspect
import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from signals.audio import COURSE, RATE_HZ, Frames, mel_bands, stft

MEL = Frames(512, 160, "hann")
"""32 ms every 10 ms: what speech recognition listens to."""


def levelled(x_BT: Tensor) -> Tensor:
    """The samples `(B, T)` at a root mean square of 0.05 (−26 dB of full scale); silence stays silent."""
    return x_BT * (0.05 / x_BT.square().mean(-1, keepdim=True).sqrt().clamp(min=1e-5))


class SiameseGRU(nn.Module):
    """|STFT| of 513 bins → bidirectional GRU of 256 → linear 512 → 256 → length 1: the course's shape.

    A frame's 512 outputs (256 in either direction) are averaged over time before the linear layer; the last state would
    forget how a long recording began. Twins are one net that is asked twice. Gives `e_BE` of length 1.
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
        """The voice `e_BE`, of length 1, in what `spectrum` gives."""
        out_BNH, _ = self.recurrent(m_BFN.transpose(1, 2))
        return F.normalize(self.head(out_BNH.mean(1)), dim=1)

    def forward(self, x_BT: Tensor) -> Tensor:
        return self.embed(self.spectrum(x_BT))

    def score(self, a_NE: Tensor, b_ME: Tensor) -> Tensor:
        """How alike `(N, M)` voices sound: their cosine."""
        return a_NE @ b_ME.T


class SpeakerNet(nn.Module):
    """Log-mel heard twice: by dilated convolutions with attentive pooling, and by plain statistics of every band.

    The convolutions are a small relative of ECAPA-TDNN (Desplanques et al. 2020): every block's output *and the
    spectrum itself* reach the pooling, which takes the weighted mean and deviation over time with weights of its own
    for each channel (Okabe et al. 2018). The statistics (mean, deviation, 10 % and 90 % quantile of every band) go
    through one matrix that linear discriminant analysis gives in closed form (`discriminant`): with an hour of speech
    the simplest hearing is a good one. Of a score `share` is the statistics' and the rest the convolutions', each held
    against its own `cohort` of training speakers, the `nearest` of them to a voice. `classes` speakers, each with a
    direction of its own, exist in training only: `exported` leaves them out. Gives `e_BE` of length 1,
    E = `statistics` + `embedding`.
    """

    sample_rate = RATE_HZ

    def __init__(
        self,
        *,
        bands: int = 64,
        channels: int = 96,
        dilations: tuple[int, ...] = (1, 2, 3),
        embedding: int = 128,
        statistics: int = 48,
        share: float = 0.5,
        dropout: float = 0.2,
        classes: int = 0,
        cohort: int = 0,
        nearest: int = 200,
    ) -> None:
        super().__init__()
        self.bands, self.channels, self.dilations = bands, channels, list(dilations)
        self.embedding, self.statistics, self.share = embedding, statistics, share
        self.dropout, self.classes, self.cohort, self.nearest = dropout, classes, cohort, nearest
        self.stem = nn.Sequential(
            nn.Conv1d(bands, channels, 5, stride=2, padding=2), nn.ReLU(), nn.BatchNorm1d(channels)
        )
        self.blocks = nn.ModuleList(Block(channels, d) for d in dilations)
        gathered = bands + channels * (1 + len(self.dilations))
        self.attention = nn.Sequential(nn.Conv1d(channels, 48, 1), nn.Tanh(), nn.Conv1d(48, gathered, 1))
        self.norm = nn.BatchNorm1d(2 * gathered)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(2 * gathered, embedding)
        self.mean_S: Tensor
        self.matrix_SE: Tensor
        self.cohort_plain_KE: Tensor
        self.cohort_convolved_KE: Tensor
        self.register_buffer("mean_S", torch.zeros(4 * bands))
        self.register_buffer("matrix_SE", torch.eye(4 * bands, statistics))
        self.register_buffer("cohort_plain_KE", torch.zeros(cohort, statistics))
        self.register_buffer("cohort_convolved_KE", torch.zeros(cohort, embedding))
        self.direction_CE = nn.Parameter(torch.empty(classes, embedding)) if classes else None
        if self.direction_CE is not None:
            nn.init.xavier_uniform_(self.direction_CE)

    def spectrum(self, x_BT: Tensor) -> Tensor:
        """Log-mel energies `(B, bands, N)` of 32 ms frames every 10 ms, in units of 10 dB."""
        return log_mel(x_BT, self.bands)

    def convolved(self, m_BFN: Tensor) -> Tensor:
        """What the convolutions hear, `(B, embedding)`, of length 1."""
        h_BCN = self.stem(m_BFN)
        outputs = [m_BFN[:, :, ::2], h_BCN]  # the stem halves the frames
        for block in self.blocks:
            h_BCN = block(h_BCN)
            outputs.append(h_BCN)
        weight_BCN = self.attention(h_BCN).softmax(-1)
        h_BCN = torch.cat(outputs, dim=1)
        # Attentive statistics: E[h] and √(E[h²] − E[h]²) under weights that add up to 1 over the frames.
        mean_BC = (weight_BCN * h_BCN).sum(-1)
        spread_BC = ((weight_BCN * h_BCN.square()).sum(-1) - mean_BC.square()).clamp(min=1e-5).sqrt()
        pooled_BC = self.norm(torch.cat([mean_BC, spread_BC], dim=1))
        return F.normalize(self.head(self.drop(pooled_BC)), dim=1)

    def plain(self, s_BS: Tensor) -> Tensor:
        """The `statistics` `(B, 4 bands)` of spectra as the discriminant sees them, `(B, E)`, of length 1."""
        return F.normalize((s_BS - self.mean_S) @ self.matrix_SE, dim=1)

    def embed(self, m_BFN: Tensor) -> Tensor:
        """The voice `e_BE`, of length 1, in what `spectrum` gives."""
        # Roots, so that a product of two such vectors is share · cosine + (1 − share) · cosine.
        plain_BE, convolved_BE = self.plain(statistics(m_BFN)), self.convolved(m_BFN)
        return torch.cat([self.share**0.5 * plain_BE, (1 - self.share) ** 0.5 * convolved_BE], dim=1)

    def forward(self, x_BT: Tensor) -> Tensor:
        return self.embed(self.spectrum(x_BT))

    def score(self, a_NE: Tensor, b_ME: Tensor) -> Tensor:
        """How alike `(N, M)` voices sound, in deviations (`adaptive_norm`); without a cohort their cosine."""
        if not self.cohort:
            return a_NE @ b_ME.T
        size = self.statistics
        heard = (self.share, a_NE[:, :size], b_ME[:, :size], self.cohort_plain_KE), (
            1 - self.share, a_NE[:, size:], b_ME[:, size:], self.cohort_convolved_KE
        )  # fmt: skip
        return torch.stack([w * adaptive_norm(a, b, cohort, self.nearest) for w, a, b, cohort in heard if w]).sum(0)

    def exported(self) -> "SpeakerNet":
        """The same net without the directions of the speakers that it was taught with."""
        arguments: dict[str, Any] = {name: getattr(self, name) for name in inspect.signature(SpeakerNet).parameters}
        arguments["classes"] = 0
        plain = SpeakerNet(**arguments)
        plain.load_state_dict({name: t for name, t in self.state_dict().items() if name != "direction_CE"})
        return plain.eval()


def adaptive_norm(a_NE: Tensor, b_ME: Tensor, cohort_KE: Tensor, nearest: int) -> Tensor:
    """How far the cosines `(N, M)` of two lists of voices stand out among strangers, in standard deviations.

    From a cosine the mean of a voice's cosines with the `nearest` voices of the cohort is taken, and their deviation
    divides it; the same for the other voice; and the mean of both (AS-Norm, Matejka et al. 2017). Vectors need not be
    of length 1.
    """
    a_NE, b_ME = F.normalize(a_NE, dim=1), F.normalize(b_ME, dim=1)
    cosine_NM = a_NE @ b_ME.T
    normed = []
    for e_BE, own_BM in ((a_NE, cosine_NM), (b_ME, cosine_NM.T)):
        top_BK = (e_BE @ cohort_KE.T).topk(min(nearest, len(cohort_KE)), dim=1).values
        normed.append((own_BM - top_BK.mean(1, keepdim=True)) / top_BK.std(1, keepdim=True).clamp(min=1e-3))
    return (normed[0] + normed[1].T) / 2


def log_mel(x_BT: Tensor, bands: int = 64) -> Tensor:
    """Log-mel energies `(B, bands, N)` of 32 ms frames every 10 ms, in units of 10 dB."""
    power_BFN = torch.view_as_real(stft(levelled(x_BT), MEL)).square().sum(-1)
    mel_FM = mel_bands(MEL.bins, bands).to(x_BT.device)
    return (torch.einsum("bfn,fm->bmn", power_BFN, mel_FM) + 1e-7).log10()


def statistics(m_BFN: Tensor) -> Tensor:
    """Every band's mean, deviation, and 10 % and 90 % quantile over time: `(B, 4 F)`."""
    low_BF, high_BF = m_BFN.quantile(m_BFN.new_tensor([0.1, 0.9]), dim=-1)
    return torch.cat([m_BFN.mean(-1), m_BFN.std(-1), low_BF, high_BF], dim=1)


def distances(s_NS: Tensor, known: Mapping[str, Tensor]) -> Tensor:
    """How far recordings with these statistics lie from those of the training `(N,)`: in deviations, squared."""
    return ((s_NS - known["known_mean"]) @ known["known_axes"]).square().sum(1)


def discriminant(s_NS: Tensor, label_N: Tensor, size: int, *, shrinkage: float = 0.1) -> tuple[Tensor, Tensor]:
    """Fisher's linear discriminant: the classes' mean `(S,)` and the `(S, size)` directions that tell them apart best.

    Directions are scaled to a deviation of 1 within a class, whose covariance is shrunk towards its diagonal. Columns
    beyond what the classes can span are zero.
    """
    s_NS = s_NS.double()
    # S_w, the covariance within classes, shrunk; whitened by the inverse of its Cholesky factor the classes are round.
    _, which_N = label_N.unique(return_inverse=True)
    one_NC = F.one_hot(which_N).double()
    mean_CS = (one_NC.T @ s_NS) / one_NC.sum(0)[:, None]
    within_NS = s_NS - mean_CS[which_N]
    within_SS = within_NS.T @ within_NS / max(1, len(s_NS) - len(mean_CS))
    within_SS = (1 - shrinkage) * within_SS + shrinkage * (within_SS.diag() + 1e-9).diag()
    mean_S = mean_CS.mean(0)
    whiten_SS = torch.linalg.inv(torch.linalg.cholesky(within_SS))
    between_CS = (mean_CS - mean_S) @ whiten_SS.T
    # Then the directions in which their means lie furthest apart are the singular vectors of those.
    _, _, axes_KS = torch.linalg.svd(between_CS, full_matrices=False)
    directions_SK = whiten_SS.T @ axes_KS[: min(size, len(mean_CS) - 1)].T
    return mean_S.float(), F.pad(directions_SK, (0, size - directions_SK.shape[1])).float()


class Block(nn.Module):
    """A dilated convolution over 3 frames, `(B, C, N)`, with a gate for each channel, beside the way past it."""

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
