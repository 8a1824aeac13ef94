"""Sounds made from a seed: the noises that ship with the project, for examples and tests that need no data.

Every noise is mono float32 `(T,)` at `RATE_HZ` with a root mean square of 0.1 (−20 dB of full scale), and is the same
for the same seed on every machine of one kind. None of them touches torch's global random state.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from signals.audio import RATE_HZ

RMS = 0.1


def white(samples: int, *, seed: int = 0) -> Tensor:
    """A hiss `(samples,)`: equal power in every hertz."""
    return _levelled(torch.randn(samples, generator=_draw(seed)))


def pink(samples: int, *, seed: int = 0) -> Tensor:
    """A waterfall, or a fan far away, `(samples,)`: equal power in every octave, −3 dB an octave, above 20 Hz."""
    X_F = torch.fft.rfft(torch.randn(samples, generator=_draw(seed)))
    hz_F = torch.fft.rfftfreq(samples, 1 / RATE_HZ)
    # Power falls as 1 / f, so amplitude falls as its root.
    return _levelled(torch.fft.irfft(torch.where(hz_F >= 20, X_F * hz_F.clamp(min=1e-9).rsqrt(), 0), n=samples))


def hum(samples: int, *, seed: int = 0, mains_hz: float = 50.0, harmonics: int = 24) -> Tensor:
    """A badly earthed amplifier `(samples,)`: the mains, harmonics 4 dB less a step, breathing, and some hiss."""
    draw = _draw(seed)
    t_T = torch.arange(samples, dtype=torch.float64) / RATE_HZ
    x_T = torch.zeros(samples, dtype=torch.float64)
    for k in range(1, harmonics + 1):
        phase, breath_hz, depth = torch.rand(3, generator=draw, dtype=torch.float64).tolist()
        swell_T = 1 + 0.3 * depth * torch.sin(2 * math.pi * (0.2 + 0.6 * breath_hz) * t_T)
        x_T += 10 ** (-4 * (k - 1) / 20) * swell_T * torch.sin(2 * math.pi * (k * mains_hz * t_T + phase))
    hiss_T = torch.randn(samples, generator=draw, dtype=torch.float64)
    return _levelled((x_T + 0.02 * hiss_T).float())


def crackle(samples: int, *, seed: int = 0, clicks_a_second: float = 40.0) -> Tensor:
    """An old record `(samples,)`: clicks at random times, each a ringing of about a millisecond."""
    draw = _draw(seed)
    struck_T = (torch.rand(samples, generator=draw) < clicks_a_second / RATE_HZ).float()
    size_T = 2 * torch.rand(samples, generator=draw) - 1
    t_K = torch.arange(160) / RATE_HZ
    ring_K = torch.exp(-t_K / 0.0012) * torch.cos(2 * math.pi * 2_300 * t_K)  # 10 ms at 2.3 kHz
    # Every click rings: a convolution, done as a product of spectra long enough not to wrap around.
    size = 1 << (samples + len(ring_K) - 1).bit_length()
    x_T = torch.fft.irfft(torch.fft.rfft(struck_T * size_T, size) * torch.fft.rfft(ring_K, size), size)[:samples]
    return _levelled(x_T + 1e-3 * torch.randn(samples, generator=draw))


def babble(voices: Sequence[Tensor], samples: int, *, seed: int = 0) -> Tensor:
    """A full room `(samples,)`: every voice `(T,)` at one level, repeated, begun at a random place and added up.

    ValueError where there is no voice.
    """
    if not voices:
        raise ValueError("babble needs at least one voice")
    draw = _draw(seed)
    x_T = torch.zeros(samples)
    for voice_T in voices:
        start = int(torch.randint(len(voice_T), (), generator=draw))
        x_T += _levelled(voice_T).roll(-start).repeat(math.ceil(samples / len(voice_T)))[:samples]
    return _levelled(x_T)


NOISES: dict[str, Callable[..., Tensor]] = {"white": white, "pink": pink, "hum": hum, "crackle": crackle}
"""The noises that need nothing but a length and a seed."""


def _draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _levelled(x_T: Tensor) -> Tensor:
    return x_T * (RMS / x_T.square().mean().sqrt().clamp(min=1e-12))
