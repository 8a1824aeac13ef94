"""Sound in and out: reading whatever file a visitor brings, changing its rate, and the short-time Fourier transform.

Shapes: `x_BT` samples in [-1, 1], `X_BFN` complex spectra of F bins in N frames. Waves are float32 and mono unless
said otherwise. librosa stays away from here: its first call compiles for seconds.
"""

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import soundfile
import torch
import torchaudio.functional as AF
from torch import Tensor

RATE_HZ = 16_000
"""The rate at which this project's nets for speech listen."""
MAX_SECONDS = 600.0
MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 384_000
FULL_SCALE = 32_767
"""The largest 16-bit integer."""


class Wave(NamedTuple):
    """Samples `x_T` (mono, float32) at `rate_hz`, and what was done to make them so, in words (empty: nothing)."""

    x_T: Tensor
    rate_hz: int
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.x_T) / self.rate_hz


class Frames(NamedTuple):
    """A short-time Fourier transform: `size` samples a frame, a new frame every `hop`; the window is as long as it."""

    size: int = 512
    hop: int = 256
    window: str = "sqrt_hann"

    @property
    def bins(self) -> int:
        return self.size // 2 + 1


COURSE = Frames(1024, 512, "hann")
"""The frames of the course work: 64 ms at 16 kHz, long enough to smear speech."""
SPEECH = Frames(512, 256, "sqrt_hann")


def read(path: str | Path, *, max_seconds: float = MAX_SECONDS) -> Wave:
    """A sound file (WAV, FLAC, OGG, MP3, AIFF …, any depth, any channels) as a mono wave at its own rate.

    Channels are averaged; samples that are no number become silence; both are said in `notes`. Raises ValueError with
    a sentence for the visitor: not a sound, broken, empty, too long, or at a rate that no microphone has.
    """
    try:
        with soundfile.SoundFile(path) as file:
            rate_hz, length = file.samplerate, file.frames
            if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
                raise ValueError(f"This file claims {rate_hz:,} samples a second. Use one between 4 and 384 kHz.")
            if length > max_seconds * rate_hz:  # known before any sample is decoded
                raise ValueError(
                    f"This recording lasts {_clock(length / rate_hz)}; at most {_clock(max_seconds)} can be read. "
                    "Cut it and try again."
                )
            samples = file.read(frames=int(max_seconds * rate_hz), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise ValueError(
            "This file is not a sound that can be read, or it is cut short. Try a WAV, FLAC, OGG or MP3."
        ) from error
    except OSError as error:
        raise ValueError("This file cannot be opened. Upload it again.") from error
    return from_samples(torch.from_numpy(samples).T, rate_hz)


def load(path: str | Path, rate_hz: int = RATE_HZ) -> Tensor:
    """A sound file as mono samples `(T,)` at `rate_hz`; see `read` for what is raised."""
    wave = read(path)
    return resample(wave.x_T, wave.rate_hz, rate_hz)


def from_samples(x_CT: Tensor, rate_hz: int) -> Wave:
    """Samples `(T,)` or `(channels, T)` as a mono wave; ValueError where there are none."""
    if x_CT.numel() == 0:
        raise ValueError("This recording is empty: it holds no samples. Record or choose another.")
    x_CT = x_CT.float().reshape(-1, x_CT.shape[-1])
    notes = []
    if len(x_CT) > 1:
        notes.append(f"{len(x_CT)} channels averaged to one")
    broken = ~x_CT.isfinite()
    if broken.any():
        notes.append(f"{int(broken.sum()):,} samples were no number and became silence")
        x_CT = x_CT.masked_fill(broken, 0.0)
    x_T = x_CT.mean(0)
    clipped = (x_CT.abs() >= 0.999).double().mean(1).max().item()
    if clipped > 0.001:
        where = " of one channel" if len(x_CT) > 1 else ""
        notes.append(f"{100 * clipped:.1f} % of the samples{where} stand at full scale: the recording is clipped")
    return Wave(x_T.contiguous(), rate_hz, tuple(notes))


def resample(x_BT: Tensor, rate_hz: int, to_hz: int) -> Tensor:
    """The same sound at another rate, `(B, ⌈T · to_hz / rate_hz⌉)`.

    By a windowed sinc of 64 zero crossings (Smith, “Digital Audio Resampling”). A rate that shares hardly a factor with
    the other, as 44,101 Hz, is taken for the nearest multiple of 50.
    """
    if rate_hz == to_hz:
        return x_BT
    common = math.gcd(rate_hz, to_hz)
    if max(rate_hz, to_hz) // common > 5_000:  # a rate like 44,101: the polyphase bank would fill the memory
        rate_hz = round(rate_hz / 50) * 50
        if rate_hz == to_hz:
            return x_BT
    return AF.resample(x_BT, rate_hz, to_hz, lowpass_filter_width=64, rolloff=0.9476)  # resampy's “kaiser_best”


def to_int16(x_T: Tensor) -> tuple[Tensor, float]:
    """Samples as 16-bit integers `(T,)`, and the factor ≤ 1 by which they had to be turned down so as not to clip."""
    peak = x_T.abs().max().item() if x_T.numel() else 0.0
    gain = 1.0 if peak <= 1.0 else 1.0 / peak
    return (x_T * (gain * FULL_SCALE)).round().to(torch.int16), gain


@lru_cache(maxsize=16)
def window(frames: Frames, device: str = "cpu") -> Tensor:
    """The analysis and synthesis window `(size,)`: a periodic Hann window, or its square root."""
    hann = torch.hann_window(frames.size, periodic=True, device=device)
    return hann.sqrt() if frames.window == "sqrt_hann" else hann


def stft(x_BT: Tensor, frames: Frames = SPEECH) -> Tensor:
    """`X_BFN` complex: N = T // hop + 1 frames, the first centred on the first sample, zeros beyond the ends."""
    return torch.stft(
        x_BT, frames.size, frames.hop, window=window(frames, str(x_BT.device)), pad_mode="constant", return_complex=True
    )


def istft(X_BFN: Tensor, frames: Frames = SPEECH, *, length: int) -> Tensor:
    """Samples `(B, length)` whose transform is nearest to `X_BFN` (Griffin & Lim 1984): equal, where it is one."""
    return torch.istft(X_BFN, frames.size, frames.hop, window=window(frames, str(X_BFN.device)), length=length)


@lru_cache(maxsize=16)
def mel_bands(bins: int, bands: int, *, rate_hz: int = RATE_HZ, low_hz: float = 20.0) -> Tensor:
    """Triangular bands `(bins, bands)`, equally spaced and equally wide in mel (HTK's)."""
    return AF.melscale_fbanks(bins, low_hz, rate_hz / 2, bands, rate_hz)


@lru_cache(maxsize=16)
def erb_bands(bins: int, bands: int, *, rate_hz: int = RATE_HZ) -> Tensor:
    """Triangular bands `(bins, bands)` equally spaced in ERB rate (Glasberg & Moore 1990); each bin's weights sum to 1.

    No band is narrower than one bin, so that every band hears something.
    """
    nyquist_hz = rate_hz / 2
    # Their equation 4: the ERB rate of f Hz is 21.4 log10(1 + 0.00437 f): how many bands lie below f.
    top = 21.4 * math.log10(1 + 0.00437 * nyquist_hz)
    centre_E = (10 ** (torch.linspace(0, top, bands, dtype=torch.float64) / 21.4) - 1) / 0.00437
    bin_E = centre_E / nyquist_hz * (bins - 1)  # each band's centre, in bins
    for i in range(1, bands):
        bin_E[i] = max(bin_E[i], bin_E[i - 1] + 1)
    bin_E = bin_E * ((bins - 1) / bin_E[-1]) if bin_E[-1] > bins - 1 else bin_E
    k_F = torch.arange(bins, dtype=torch.float64)
    right_F = torch.searchsorted(bin_E, k_F, right=False).clamp(1, bands - 1)
    low_F, high_F = bin_E[right_F - 1], bin_E[right_F]
    # A bin between two centres is shared by their bands, the nearer one getting more.
    share_F = ((k_F - low_F) / (high_F - low_F)).clamp(0, 1)
    weights_FE = torch.zeros(bins, bands, dtype=torch.float64)
    rows = torch.arange(bins)
    weights_FE[rows, right_F - 1] += 1 - share_F
    weights_FE[rows, right_F] += share_F
    return weights_FE.float()


def mix(clean_BT: Tensor, noise_BT: Tensor, snr_db: float | Tensor) -> tuple[Tensor, Tensor]:
    """`clean + g · noise` and `g · noise` itself, `(B, T)` each, with `g` such that the noise lies `snr_db` below.

    That is, 10 log10(power of clean / power of g · noise); one number, or one for each of the batch. A silent noise
    stays silent; behind silent speech the noise keeps the level it came with.
    """
    clean_B, noise_B = (x.square().mean(-1, keepdim=True) for x in (clean_BT, noise_BT))
    wanted = torch.as_tensor(snr_db, dtype=clean_BT.dtype, device=clean_BT.device)
    ratio = 10 ** (wanted / 10) if wanted.ndim == 0 else (10 ** (wanted / 10)).unsqueeze(-1)
    gain = torch.where((clean_B > 0) & (noise_B > 0), (clean_B / (noise_B * ratio).clamp(min=1e-20)).sqrt(), 1.0)
    scaled_BT = gain * noise_BT
    return clean_BT + scaled_BT, scaled_BT


def band(x_BT: Tensor, low_hz_B: Tensor, high_hz_B: Tensor, *, rate_hz: int = RATE_HZ, slope_hz: float = 200) -> Tensor:
    """Every row `(B, T)` between two frequencies: gains are straight lines over `slope_hz`, half at the two; no delay.

    A band that begins at zero is not cut below.
    """
    k_K = torch.fft.rfftfreq(x_BT.shape[-1], 1 / rate_hz, device=x_BT.device)
    rise_BK = ((k_K - low_hz_B[:, None]) / slope_hz + 0.5).clamp(0, 1)
    rise_BK = torch.where(low_hz_B[:, None] > 0, rise_BK, 1.0)
    fall_BK = ((high_hz_B[:, None] - k_K) / slope_hz + 0.5).clamp(0, 1)
    return torch.fft.irfft(torch.fft.rfft(x_BT) * rise_BK * fall_BK, x_BT.shape[-1])


def decibels(power: Tensor, *, floor_db: float = -120.0) -> Tensor:
    """`10 log10(power)`, `(*X,)` as it came, not below `floor_db`."""
    return 10 * power.clamp(min=10 ** (floor_db / 10)).log10()


def _clock(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
