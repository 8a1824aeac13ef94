"""Sound in and out: reading whatever file a visitor brings, changing its rate, and the short-time Fourier transform.

Shapes: `x_BT` samples in [-1, 1], `X_BFN` complex spectra of F bins in N frames. Waves are float32 and mono unless
said otherwise. librosa stays away from here: its first call compiles for seconds.
"""

import math
from collections.abc import Iterable, Iterator
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
MAX_SAMPLES = 14_400_000
"""Of one recording, once its channels are averaged: 5 minutes at 48 kHz, 75 s at 192 kHz, 58 MB."""
MAX_VALUES = 2 * MAX_SAMPLES
"""Samples of all channels of one recording: they must all be decoded."""
BLOCK = 1 << 20
"""Values that are decoded at a time."""
MAX_BANK = 2_000_000
"""Numbers in a bank of polyphase filters: none that is larger is ever built."""
FULL_SCALE = 32_767
"""The largest 16-bit integer."""
UNKNOWN = 1 << 60
"""Frames: a file that claims as many was written by a program that did not know how long it would be."""
LOUDEST = 2.0**31
"""A sample beyond it is none: the deepest file of integers, read as if full scale were 1, reaches no further."""
LOUD = 10.0
"""A recording that goes beyond it counts in other units than full scale, and is turned down."""
ZERO_CROSSINGS, ROLLOFF = 64, 0.9476
"""Of the windowed sinc by which rates are changed: resampy's “kaiser_best”."""


class Wave(NamedTuple):
    """Samples `x_T` (mono, float32) at `rate_hz`, and what was done to make them so, in words (empty: nothing)."""

    x_T: Tensor
    rate_hz: int
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.x_T) / self.rate_hz


class _Forwards(soundfile.SoundFile):
    """A sound file read front to back: soundfile seeks after each block, and MP3 and Opus decode otherwise then."""

    def seekable(self) -> bool:
        return False


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

    Channels are averaged block by block, so that little more than the wave itself is ever held; samples that are no
    number become silence; both are said in `notes`. Raises ValueError with a sentence for the visitor: not a sound,
    broken, empty, too long, or at a rate that no microphone has.
    """
    if Path(path).suffix.lower() == ".raw":  # soundfile wants to be told the rate before it looks inside
        raise ValueError("A raw file says neither its rate nor its depth. Save the sound as a WAV, and try again.")
    try:
        with _Forwards(path) as file:
            if not MIN_RATE_HZ <= file.samplerate <= MAX_RATE_HZ:
                raise ValueError(
                    f"This file claims {file.samplerate:,} samples a second. Use one between 4 and 384 kHz."
                )
            most = _most_frames(file, max_seconds)
            if most < file.frames < UNKNOWN:  # before any sample is decoded
                raise ValueError(_too_long(file, max_seconds))
            return _averaged(_blocks(file, max_seconds), file.samplerate, min(most, file.frames))
    except soundfile.SoundFileError as error:
        raise ValueError(
            "This file is not a sound that can be read, or it is cut short. Try a WAV, FLAC, OGG or MP3."
        ) from error
    except OSError as error:
        raise ValueError("This file cannot be opened. Upload it again.") from error


def _most_frames(file: soundfile.SoundFile, max_seconds: float) -> int:
    """How many samples a channel of this file may have."""
    return min(int(max_seconds * file.samplerate), MAX_SAMPLES, MAX_VALUES // file.channels)


def _too_long(file: soundfile.SoundFile, max_seconds: float) -> str:
    """What is said of a recording that has more; by what it has too many, where that is not its seconds alone."""
    rate_hz, channels, most = file.samplerate, file.channels, _most_frames(file, max_seconds)
    lasts = f"lasts {_clock(file.frames / rate_hz)}" if file.frames < UNKNOWN else "is too long"
    where = f"at {rate_hz / 1000:g} kHz " if most < int(max_seconds * rate_hz) else ""
    where = f"with {channels} channels {where}" if where and most < MAX_SAMPLES else where
    can = f"{where}at most {_clock(most / rate_hz)} can be read"
    return f"This recording {lasts}; {can}. Cut it and try again."


def _blocks(file: soundfile.SoundFile, max_seconds: float) -> Iterator[Tensor]:
    """What the file holds, `(channels, T)` at a time; ValueError where it is too long after all."""
    size, left = max(1, BLOCK // file.channels), _most_frames(file, max_seconds)
    while len(samples := file.read(size, dtype="float32", always_2d=True)):
        left -= len(samples)
        if left < 0:
            raise ValueError(_too_long(file, max_seconds))
        yield torch.from_numpy(samples).T


def load(path: str | Path, rate_hz: int = RATE_HZ) -> Tensor:
    """A sound file as mono samples `(T,)` at `rate_hz`; see `read` for what is raised."""
    wave = read(path)
    return resample(wave.x_T, wave.rate_hz, rate_hz)


def from_samples(x_CT: Tensor, rate_hz: int) -> Wave:
    """Samples `(T,)` or `(channels, T)` as a mono wave; ValueError where there are none, or most are no samples."""
    x_CT = x_CT.float().reshape(-1, x_CT.shape[-1])
    return _averaged([x_CT] if x_CT.numel() else [], rate_hz, x_CT.shape[-1])


def _averaged(blocks: Iterable[Tensor], rate_hz: int, length: int) -> Wave:
    """Blocks `(channels, T)` of `length` samples at the most, one after the other, as one mono wave."""
    x_T = torch.empty(length)
    at, channels, missing, beyond, full_C = 0, 1, 0, 0, torch.zeros(1, dtype=torch.int64)
    for x_CT in blocks:
        channels, size = x_CT.shape
        size_CT = x_CT.abs()
        broken_CT = ~(size_CT <= LOUDEST)  # not a number is not smaller either
        if broken_CT.any():
            finite = x_CT.isfinite()
            missing, beyond = missing + int((~finite).sum()), beyond + int((finite & broken_CT).sum())
            x_CT = x_CT.masked_fill(broken_CT, 0.0)
        full_C = full_C + (size_CT >= 0.999).masked_fill(broken_CT, False).sum(1)
        x_T[at : at + size] = x_CT.mean(0)
        at += size
    if not at:
        raise ValueError("This recording is empty: it holds no samples. Record or choose another.")
    if missing + beyond > 0.5 * at * channels:
        raise ValueError(
            "Most samples of this recording are no sound: no numbers, or far too large. Save it as a 16-bit WAV."
        )
    notes = [f"{channels} channels averaged to one"] if channels > 1 else []
    notes += [
        f"{n:,} samples were {what} and became silence"
        for n, what in ((missing, "no number"), (beyond, "far too large"))
        if n
    ]
    x_T = x_T if at == length else x_T[:at].clone()
    turned_T = _turned_down(x_T, notes)
    clipped = full_C.max().item() / at
    if clipped > 0.001 and turned_T is x_T:  # in other units full scale is nowhere near
        where = " of one channel" if channels > 1 else ""
        notes.append(f"{100 * clipped:.1f} % of the samples{where} stand at full scale: the recording is clipped")
    return Wave(turned_T, rate_hz, tuple(notes))


def _turned_down(x_T: Tensor, notes: list[str]) -> Tensor:
    """The same wave, at full scale where it goes far beyond it, which is noted."""
    low, high = x_T.aminmax()
    peak = max(-low.item(), high.item())
    if peak <= LOUD:
        return x_T
    notes.append(f"the samples go up to {peak:,.0f} times full scale, and were turned down to it")
    return x_T / peak


def resample(x_BT: Tensor, rate_hz: int, to_hz: int) -> Tensor:
    """The same sound at another rate, `(B, ⌈T · to_hz / rate_hz⌉)`.

    By a windowed sinc of 64 zero crossings (Smith, “Digital Audio Resampling”), a filter for each place between two
    samples. Rates that share hardly a factor, as 44,101 and 16,000, would need filters by the thousand: soxr computes
    as it goes along what lies between its own.
    """
    if rate_hz == to_hz:
        return x_BT
    if bank_size(rate_hz, to_hz) <= MAX_BANK:
        return AF.resample(x_BT, rate_hz, to_hz, lowpass_filter_width=ZERO_CROSSINGS, rolloff=ROLLOFF)
    import soxr  # not on the way of the first page

    length = -(-x_BT.shape[-1] * to_hz // rate_hz)
    y_BT = x_BT.new_zeros(*x_BT.shape[:-1], length)
    rows = x_BT.shape[:-1].numel()
    for x_T, y_T in zip(x_BT.reshape(rows, x_BT.shape[-1]), y_BT.view(rows, length), strict=True):
        found = soxr.resample(x_T.numpy(force=True), rate_hz, to_hz, quality="VHQ")[:length]
        y_T[: len(found)] = torch.from_numpy(found)
    return y_BT


def bank_size(rate_hz: int, to_hz: int) -> int:
    """How many numbers a bank of polyphase filters between these rates has."""
    common = math.gcd(rate_hz, to_hz)
    old, new = rate_hz // common, to_hz // common
    return new * (2 * math.ceil(ZERO_CROSSINGS * old / (min(old, new) * ROLLOFF)) + old)


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
    exact = seconds < 120 or (seconds < 600 and seconds % 60)
    return f"{seconds:.0f} s" if exact else f"{seconds / 60:,.0f} minutes"
