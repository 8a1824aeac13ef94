"""From samples to masked spectra and back, for a whole recording or chunk by chunk, with the same result.

What every net for denoising shares. Frames overlap by one half, the first is centred on the first sample, and the
recording is followed by zeros up to a whole hop, so that every sample lies in two frames. A net answers frames in
their order and hands back what it has to remember, so a stream is the same computation in smaller portions.

Shapes: `x_BT` samples, `X_BFN` complex spectra of F bins in N frames, `power_BN` a frame's mean power over its bins.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from signals.audio import RATE_HZ, Frames, istft, stft, window

State = tuple[Tensor, ...]
"""What a net remembers between two frames: its running level and whatever its layers keep."""
MEMORY_SECONDS = 2.0
PORTION = 2_048
"""A long recording goes through a net so many frames at a time, or what its layers say would fill the memory."""
SILENCE = 1e-9
"""The level, as a frame's mean power, below which nothing is turned up any further: about -105 dB of full scale."""


class FrameNet(nn.Module):
    """Samples `x_BT` in [-1, 1] at `sample_rate` to as many denoised ones, frame by frame, without looking ahead.

    A net of this kind says how it hears (`frames`) and what it makes of spectra (`denoised`); the way from samples to
    spectra and back, for the whole (`forward`) or live (`stream`), is the same for all.
    """

    sample_rate = RATE_HZ
    frames: Frames

    def denoised(self, X_BFN: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The next N frames denoised, `(B, F, N)` complex, and what to hand in with those that follow."""
        raise NotImplementedError

    def forward(self, x_BT: Tensor) -> Tensor:
        """`(B, T)`: as many samples as came in, denoised."""
        return samples(self, spectra(self, x_BT)[1], length=x_BT.shape[-1])

    def stream(self) -> "Stream":
        """One listener's way through the net, in chunks."""
        return Stream(self)


def running_level(X_BFN: Tensor, hop_seconds: float, state: State | None) -> tuple[Tensor, State]:
    """A root-mean-square `(B, 1, N)` of each frame and those before it, which fade over `MEMORY_SECONDS`.

    Dividing by it makes a net deaf to the recording's level, without looking ahead. The state is the fading sum of
    powers and of weights, `(B,)` each.
    """
    # level² of frame n = Σ fadeᵏ · power of frame n − k / Σ fadeᵏ, over k = 0 … n
    power_BN = (X_BFN.real.square() + X_BFN.imag.square()).mean(1)
    fade = math.exp(-hop_seconds / MEMORY_SECONDS)
    total_B, weight_B = state or (torch.zeros_like(power_BN[:, 0]), torch.zeros_like(power_BN[:, 0]))
    levels = []
    for power_B in power_BN.unbind(1):
        total_B, weight_B = fade * total_B + power_B, fade * weight_B + 1
        levels.append(total_B / weight_B)
    level_BN = torch.stack(levels, 1).clamp(min=SILENCE).sqrt()
    return level_BN.unsqueeze(1), (total_B, weight_B)


def spectra(net: FrameNet, x_BT: Tensor) -> tuple[Tensor, Tensor]:
    """`X_BFN` of the samples as they are and `Y_BFN` denoised; N = ⌈T / hop⌉ + 1 frames."""
    hop = net.frames.hop
    missing = max(hop, -(-x_BT.shape[-1] // hop) * hop) - x_BT.shape[-1]
    X_BFN = stft(F.pad(x_BT, (0, missing)), net.frames)
    state, parts = None, []
    for part_BFN in X_BFN.split(PORTION, dim=-1):
        Y_BFN, state = net.denoised(part_BFN, state)
        parts.append(Y_BFN)
    return X_BFN, torch.cat(parts, -1)


def samples(net: FrameNet, Y_BFN: Tensor, *, length: int) -> Tensor:
    """The first samples, `(B, length)`, of spectra as `spectra` gives them."""
    return istft(Y_BFN, net.frames, length=(Y_BFN.shape[-1] - 1) * net.frames.hop)[..., :length]


class Stream:
    """One listener's recording on its way through a net, in chunks of any size.

    What `push` and at last `flush` give, put together, is what `net(x_BT)` gives of the whole. Every stream has a state
    of its own; the net is only read.
    """

    def __init__(self, net: FrameNet) -> None:
        assert net.frames.size == 2 * net.frames.hop, "frames overlap by one half"
        self.net = net
        self._window = window(net.frames)
        halves = self._window.square().view(2, -1)
        self._envelope = halves[0] + halves[1]  # (hop,): what overlapping windows add up to
        self._restart()

    @property
    def latency(self) -> int:
        """How many samples after a sample came in its denoised self can be had at the latest: one frame."""
        return self.net.frames.size

    @torch.no_grad()
    def push(self, x_T: Tensor) -> Tensor:
        """Take the next samples `(T,)` at the net's rate; give those that are ready, `(T′,)`, maybe none."""
        self._taken += len(x_T)
        self._waiting = torch.cat([self._waiting, x_T.float()])
        return self._advance()

    @torch.no_grad()
    def flush(self) -> Tensor:
        """The samples that were still on their way, `(T′,)`; the next push begins another recording."""
        hop = self.net.frames.hop
        due = self._taken - self._given
        self._waiting = torch.cat([self._waiting, torch.zeros(-self._taken % hop + hop)])
        last_T = self._advance()[:due]
        self._restart()
        return last_T

    def _restart(self) -> None:
        hop = self.net.frames.hop
        self._state: State | None = None
        self._waiting = torch.zeros(hop)  # the first frame is centred on the first sample
        self._overlap: Tensor | None = None
        self._taken = self._given = 0

    def _advance(self) -> Tensor:
        size, hop, _ = self.net.frames
        n = (len(self._waiting) - size) // hop + 1
        if n < 1:
            return torch.zeros(0)
        frames_NS = self._waiting.unfold(0, size, hop) * self._window
        self._waiting = self._waiting[n * hop :]
        Y_BFN, self._state = self.net.denoised(torch.fft.rfft(frames_NS).T.unsqueeze(0), self._state)
        y_NS = torch.fft.irfft(Y_BFN[0].T, size) * self._window
        first = self._overlap is None
        # Each hop is the second half of one frame and the first of the next, weighed by both windows.
        before = torch.zeros(1, hop) if self._overlap is None else self._overlap
        y_T = ((torch.cat([before, y_NS[:-1, hop:]]) + y_NS[:, :hop]) / self._envelope).flatten()
        self._overlap = y_NS[-1:, hop:]
        y_T = y_T[hop:] if first else y_T  # what lies before the first sample
        self._given += len(y_T)
        return y_T
