"""What in a recording spoke for likeness, as a picture on the axes of its spectrogram, and in words."""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from markupsafe import Markup
from torch import Tensor

from demos._ui.html import group
from demos._ui.pictures import CIVIDIS, painted
from demos._ui.sound import Picture, pooled, spectrogram, spectrogram_figure
from signals.audio import RATE_HZ

CUT_HZ = (0, 500, 1000, 2000, 4000, 8000)
"""Where the words about a picture divide the spectrum."""


def explanation_text(recordings: dict[str, tuple[Tensor, Tensor]], *, mel: bool) -> Markup:
    """For each recording by name, its samples `x_T` and its attribution `z_FN`: its spectrogram, and what in it spoke."""
    return group("wl-voices-two", *(_explained(name, x_T, z_FN, mel) for name, (x_T, z_FN) in recordings.items()))


def _explained(name: str, x_T: Tensor, z_FN: Tensor, mel: bool) -> Markup:
    heard = spectrogram(x_T, RATE_HZ, name=name)
    spoke = attribution_picture(z_FN, mel=mel, seconds=len(x_T) / RATE_HZ, name=name)
    return Markup("<div>{}{}</div>").format(
        spectrogram_figure(heard, title=f"{name}, 0 to 8 kHz over seconds"),
        spectrogram_figure(spoke, title="What in it spoke for likeness"),
    )


def attribution_picture(z_FN: Tensor, *, mel: bool, seconds: float, name: str) -> Picture:
    """What spoke for likeness, from bands evenly spaced in mel or in Hz, on 0 to 8 kHz (linear), and in words."""
    linear_KN = on_linear_hz(z_FN, mel=mel)
    smooth_KN = F.avg_pool2d(linear_KN[None], (5, 7), stride=1, padding=(2, 3))[0]
    high = smooth_KN.clamp(min=0).flatten().quantile(0.995).item() or 1e-9
    return Picture(
        src=painted(pooled(smooth_KN), low=0.0, high=high, colours=CIVIDIS), seconds=seconds, top_khz=RATE_HZ / 2000,
        low=0.0, high=high, unit="share of the similarity", words=described(linear_KN, seconds, name),
    )  # fmt: skip


def on_linear_hz(z_FN: Tensor, *, mel: bool, rows: int = 257) -> Tensor:
    """Bands as `rows` evenly spaced in Hz, each band's sum shared out evenly among its rows `(K, N)`.

    Mel as HTK has it, 2595 log10(1 + f / 700), from 20 Hz to half the rate.
    """
    if not mel:
        return z_FN
    hz_K = torch.linspace(0, RATE_HZ / 2, rows)
    pitch_K = 2595 * torch.log10(1 + hz_K / 700)
    low, high = 2595 * math.log10(1 + 20 / 700), pitch_K[-1].item()
    band_K = ((pitch_K - low) / (high - low) * len(z_FN)).long().clamp(0, len(z_FN) - 1)
    return z_FN[band_K] / band_K.bincount(minlength=len(z_FN)).clamp(min=1)[band_K, None]


def described(z_KN: Tensor, seconds: float, name: str) -> str:
    """Where the weight lies: the band and the half second that spoke most for likeness, and what spoke against it."""
    toward_KN, total = z_KN.clamp(min=0), z_KN.clamp(min=0).sum().item()
    if total <= 0:
        return f"{name}: nothing in it spoke for likeness."
    hz_K = torch.linspace(0, RATE_HZ / 2, len(z_KN))
    shares = [
        toward_KN[(hz_K >= low) & (hz_K < high if high < 8000 else hz_K <= high)].sum().item() / total
        for low, high in pairwise(CUT_HZ)
    ]
    best = max(range(len(shares)), key=shares.__getitem__)
    step = max(1, round(z_KN.shape[1] * 0.5 / seconds))
    moment_N = F.avg_pool1d(toward_KN.sum(0)[None, None], min(step, z_KN.shape[1]), 1)[0, 0]
    at = (moment_N.argmax().item() + step / 2) * seconds / z_KN.shape[1]
    against = -z_KN.clamp(max=0).sum().item() / (total - z_KN.clamp(max=0).sum().item())
    return (
        f"{name}: {100 * shares[best]:.0f} % of what spoke for likeness lies between {CUT_HZ[best]:,} and "
        f"{CUT_HZ[best + 1]:,} Hz, most of all around {at:.1f} s; {100 * against:.0f} % of all weight spoke against it."
    )
