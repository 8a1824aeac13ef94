"""Nets that take the noise out of speech: a linear one, a convolutional one, and a small recurrent one that runs live.

All three turn raw samples at 16 kHz into as many denoised ones, whatever the level: twice as loud in gives twice as
loud out. All three hear only what has been, so each can run live (`stream`), with the same result as on the whole. The
first two are the course work's: frames of 64 ms, a gain for every bin, and the noisy phase. The recurrent one hears
frames of 32 ms in bands as wide as the ear's, and answers with a complex mask, which turns phases too.

Shapes: `x_BT` samples, `X_BFN` complex spectra; C channels, E bands, H hidden numbers; a leading `C` beside `N` is
`(B, C, F or E, N)`.
"""

from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import _streaming
from models._streaming import FrameNet, State, running_level
from signals.audio import COURSE, SPEECH, erb_bands, resample

COMPRESSION = 0.3
"""Loudness is heard as about this power of the sound's amplitude, and so the nets are shown it."""
TOP_BAND_HZ = 6_000


class LinearDenoiser(FrameNet):
    """The course work's linear net: each frame's 513 magnitudes, through fully connected layers, to 513 gains."""

    frames = COURSE

    def __init__(self, *, hidden: int = 512, layers: int = 2) -> None:
        super().__init__()
        self.hidden, self.layers = hidden, layers
        self.norm = nn.BatchNorm1d(self.frames.bins, affine=False)
        widths = [self.frames.bins] + layers * [hidden]
        self.blocks = nn.ModuleList(nn.Linear(n, m) for n, m in pairwise(widths))
        self.head = nn.Linear(widths[-1], self.frames.bins)

    def denoised(self, X_BFN: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """`Y_BFN`, each bin by its gain between 0 and 1; to remember: the level."""
        level_B1N, state = running_level(X_BFN, self.frames.hop / self.sample_rate, state)
        h_BNF = self.norm(compressed(X_BFN, level_B1N).abs()).mT
        for block in self.blocks:
            h_BNF = F.relu(block(h_BNF))
        return X_BFN * torch.sigmoid(self.head(h_BNF)).mT, state


class ConvDenoiser(FrameNet):
    """The course work's convolutional net: magnitudes as a picture of 513 bins by some frames, to a gain for each bin.

    Two convolutions halve the number of bins, more of them look around (each also sees the `span` − 1 frames before),
    and the last gives four gains for each of the quarter of the bins that is left.
    """

    frames = COURSE

    def __init__(self, *, channels: int = 24, layers: int = 2, span: int = 5) -> None:
        super().__init__()
        self.channels, self.layers, self.span = channels, layers, span
        self.norm = nn.BatchNorm1d(self.frames.bins, affine=False)
        half = channels // 2
        self.down = nn.ModuleList(
            [
                CausalConv(1, half, (5, 1), stride=2, norm=True),
                CausalConv(half, channels, (5, span), stride=2, norm=True),
            ]
        )
        self.around = nn.ModuleList(CausalConv(channels, channels, (5, span), norm=True) for _ in range(layers))
        self.head = CausalConv(channels, 4, (3, 1))

    def denoised(self, X_BFN: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """`Y_BFN`, each bin by its gain between 0 and 1; to remember: the level, every convolution's last frames."""
        level_B1N, level_state = running_level(X_BFN, self.frames.hop / self.sample_rate, state and state[:2])
        past = _Past(state and state[2:])
        h_BCFN = self.norm(compressed(X_BFN, level_B1N).abs()).unsqueeze(1)  # (B, 1, 513, N)
        for conv in self.down:
            h_BCFN = F.relu(past.through(conv, h_BCFN))
        for conv in self.around:
            h_BCFN = h_BCFN + F.relu(past.through(conv, h_BCFN))
        # (B, 4, 129, N) → (B, 1, 516, N), of which 513 are bins
        gain_BFN = interleaved(past.through(self.head, h_BCFN), 4)[:, 0, : self.frames.bins]
        return X_BFN * torch.sigmoid(gain_BFN), (*level_state, *past.kept)


class RecurrentDenoiser(FrameNet):
    """Ours: bands as wide as the ear's, convolutions across them, a GRU through time, a complex mask for each band.

    Convolutions halve the number of bands (`channels` after each), a GRU of `hidden` numbers remembers, and the way
    back adds what the way in knew of each band. Low bands are as narrow as a bin; a bin between two high ones gets a
    mask between theirs. No mask is larger than 1: the answer is never louder than the question.
    """

    frames = SPEECH

    def __init__(
        self, *, bands: int = 128, channels: tuple[int, ...] = (16, 32, 48), hidden: int = 256, layers: int = 2
    ) -> None:
        super().__init__()
        self.bands, self.channels, self.hidden, self.layers = bands, list(channels), hidden, layers
        bands_FE = erb_bands(self.frames.bins, bands)
        self.register_buffer("into_EF", (bands_FE / bands_FE.sum(0)).T.contiguous(), persistent=False)
        self.register_buffer("out_FE", bands_FE, persistent=False)
        stages = list(pairwise([3, *channels]))
        self.down = nn.ModuleList(
            CausalConv(n, m, (5, 3) if i == 0 else (3, 2), stride=2, norm=True) for i, (n, m) in enumerate(stages)
        )
        narrow = channels[-1] * (bands >> len(stages))
        self.enter = nn.Linear(narrow, hidden)
        self.gru = nn.GRU(hidden, hidden, layers, batch_first=True)
        self.leave = nn.Linear(hidden, narrow)
        widths = [2, *channels]  # the mask's real and imaginary part, then as on the way in
        self.up = nn.ModuleList(
            CausalConv(widths[i + 1], 2 * widths[i], (3, 1), norm=i > 0) for i in reversed(range(len(stages)))
        )

    def denoised(self, X_BFN: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """`Y_BFN`, each bin by its complex factor; to remember: as `mask` does."""
        M_BFN, state = self.mask(X_BFN, state)
        return X_BFN * M_BFN, state

    def mask(self, X_BFN: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """`M_BFN`, the complex factor of every bin, of magnitude 1 at most, and the state after the last frame.

        That is the level, the GRU's hidden numbers, and the last frames that every convolution saw.
        """
        level_B1N, level_state = running_level(X_BFN, self.frames.hop / self.sample_rate, state and state[:2])
        past = _Past(state and state[3:])
        Z_BFN = compressed(X_BFN, level_B1N)
        # Bins into bands: (E, F) @ (B, 3, F, N), of magnitude, real and imaginary part.
        h_BCEN = cast(Tensor, self.into_EF) @ torch.stack([Z_BFN.abs(), Z_BFN.real, Z_BFN.imag], 1)
        skips = []
        for conv in self.down:
            h_BCEN = F.relu(past.through(conv, h_BCEN))
            skips.append(h_BCEN)
        # What the bands of a frame say together goes through time, and back to the narrowest bands.
        h_BNH = F.relu(self.enter(h_BCEN.flatten(1, 2).mT))
        memory_BNH, hidden_LBH = self.gru(h_BNH, state[2] if state else None)
        h_BCEN = self.leave(memory_BNH + h_BNH).mT.view_as(skips[-1])
        for conv in self.up:
            h_BCEN = interleaved(past.through(conv, F.relu(h_BCEN) + skips.pop()), 2)
        m_BCFN = cast(Tensor, self.out_FE) @ h_BCEN  # and bands into bins, (B, 2, F, N)
        return bounded(torch.complex(1 + m_BCFN[:, 0], m_BCFN[:, 1])), (*level_state, hidden_LBH, *past.kept)


class CausalConv(nn.Module):
    """A convolution over `kernel` = (bins, frames) that sees no later frame; bins beyond the ends are zero.

    Takes `x_BCFN` and the frames before it (zeros where there are none); gives `(B, outputs, ⌈F / stride⌉, N)` and
    the last frames `(B, inputs, F, kernel[1] − 1)`, to be handed in with what follows.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int], *, stride: int = 1, norm: bool = False
    ) -> None:
        super().__init__()
        self.reach = kernel[1] - 1
        self.conv = nn.Conv2d(inputs, outputs, kernel, (stride, 1), (kernel[0] // 2, 0), bias=not norm)
        self.norm = nn.BatchNorm2d(outputs) if norm else nn.Identity()

    def forward(self, x_BCFN: Tensor, past_BCFN: Tensor | None) -> tuple[Tensor, Tensor]:
        if past_BCFN is None:
            past_BCFN = x_BCFN.new_zeros(*x_BCFN.shape[:-1], self.reach)
        x_BCFN = torch.cat([past_BCFN, x_BCFN], -1) if self.reach else x_BCFN
        return self.norm(self.conv(x_BCFN)), x_BCFN[..., x_BCFN.shape[-1] - self.reach :]


class _Past:
    """Hands each convolution, in the order of the computation, the frames it saw last, and keeps those it sees now."""

    def __init__(self, before: State | None) -> None:
        self._before = iter(before or ())
        self.kept: State = ()

    def through(self, conv: nn.Module, x_BCFN: Tensor) -> Tensor:
        y_BCFN, kept_BCFN = conv(x_BCFN, next(self._before, None))
        self.kept += (kept_BCFN,)
        return y_BCFN


def compressed(X_BFN: Tensor, level_B1N: Tensor) -> Tensor:
    """`Z_BFN`: spectra over the level, with magnitudes to the power `COMPRESSION`, and their phases."""
    magnitude_BFN = X_BFN.abs() / level_B1N
    return X_BFN / level_B1N * (magnitude_BFN + 1e-6) ** (COMPRESSION - 1)  # |X| |X|^(c − 1) = |X|^c; silence stays 0


def interleaved(x_BCFN: Tensor, factor: int) -> Tensor:
    """`(B, C / factor, F · factor, N)`: channels `c·factor + i` become bins `f·factor + i` (Shi et al. 2016)."""
    batch, channels, bins, frames = x_BCFN.shape
    split = x_BCFN.view(batch, channels // factor, factor, bins, frames)
    return split.transpose(2, 3).reshape(batch, channels // factor, bins * factor, frames)


def bounded(M_BFN: Tensor) -> Tensor:
    """`(B, F, N)` complex of the same phases, and magnitudes below 1: m becomes tanh m."""
    magnitude_BFN = (M_BFN.real.square() + M_BFN.imag.square() + 1e-12).sqrt()
    return M_BFN * (magnitude_BFN.tanh() / magnitude_BFN)


@torch.no_grad()
def enhance(net: FrameNet, x_T: Tensor, rate_hz: int) -> Tensor:
    """Samples `(T,)` at any rate, denoised, at the same rate and as many.

    The net hears what lies below 8 kHz. What lies above is passed on, turned down as the net turned down the sounds
    from 6 to 8 kHz at that moment: hiss goes with the noise below it, and the breath of an “s” stays.
    """
    low_T = resample(x_T, rate_hz, net.sample_rate)
    X_BFN, Y_BFN = _streaming.spectra(net, low_T.unsqueeze(0))
    y_T = _streaming.samples(net, Y_BFN, length=len(low_T))[0]
    if rate_hz == net.sample_rate:
        return y_T
    back_T = _fitted(resample(y_T, net.sample_rate, rate_hz), len(x_T))
    if rate_hz < net.sample_rate:
        return back_T
    high_T = x_T - _fitted(resample(low_T, net.sample_rate, rate_hz), len(x_T))
    top = round(TOP_BAND_HZ / net.sample_rate * net.frames.size)
    power_2N = torch.stack([X_BFN, Y_BFN])[:, 0, top:].abs().square().sum(1)
    gain_N = ((power_2N[1] + 1e-12) / (power_2N[0] + 1e-12)).clamp(max=1).sqrt()
    seconds_per_frame = net.frames.hop / net.sample_rate
    length = max(2, round((len(gain_N) - 1) * seconds_per_frame * rate_hz) + 1)
    gain_T = F.interpolate(gain_N.view(1, 1, -1), length, mode="linear", align_corners=True).flatten()
    return back_T + high_T * _fitted(gain_T, len(x_T))


def _fitted(x_T: Tensor, length: int) -> Tensor:
    """Cut, or with zeros appended, to `length`."""
    return F.pad(x_T, (0, length - len(x_T)))
