"""Augmentations of voices: a piece of a recording at another speed, in another room, with stretches blanked.

Functions on a batch, each recording drawn for by itself. Every draw comes from the generator that is handed over, so a
run can be repeated bit for bit.
"""

import math

import torch
import torchaudio.functional as AF
from torch import Tensor

from signals.audio import FULL_SCALE, RATE_HZ, band, mix
from training._steps import uniform
from training.data.speakers import noises


def crops(
    x_BT: Tensor, length_B: Tensor, generator: torch.Generator, *, seconds: float, speed_B: Tensor | None = None
) -> Tensor:
    """A piece of every utterance `(B, seconds)` in [-1, 1] from a random place, played at `speed_B` tenths.

    What is too short is repeated.
    """
    size = int(seconds * RATE_HZ)
    speed_B = torch.full_like(length_B, 10) if speed_B is None else speed_B
    taken_B = size * speed_B // 10
    spare_B = (length_B - taken_B).clamp(min=0)
    start_B = (uniform(generator, 0, 1, len(x_BT)) * (spare_B + 1)).long()
    out_BT = x_BT.new_zeros(len(x_BT), size, dtype=torch.float32)
    for speed in speed_B.unique().tolist():
        rows = (speed_B == speed).nonzero().flatten()
        place_BT = start_B[rows, None] + torch.arange(size * speed // 10 + 1, device=x_BT.device)
        piece_BT = x_BT[rows].gather(1, place_BT % length_B[rows, None]).float() / FULL_SCALE
        if speed != 10:
            piece_BT = AF.resample(piece_BT, speed, 10)
        out_BT[rows] = piece_BT[:, :size]
    return out_BT


def augment_channel(
    x_BT: Tensor, generator: torch.Generator, *, noise_share: float, filter_db: float, band_share: float = 0.0
) -> Tensor:
    """The same voices `(B, T)` over another line: through random filters, some with a noise behind at 5 to 25 dB.

    A share of them is cut at 3.2 to 7.5 kHz above, and half of those at 300 Hz below.
    """
    batch, size = x_BT.shape
    # Gains are drawn at 8 points, 0 to 7, and straight lines in between. A share f of the bandwidth lies at point
    # 7 log(1 + 20 f) / log 21: linear in pitch below 400 Hz, a twentieth of 8 kHz, and logarithmic above.
    gain_BK = filter_db * (2 * uniform(generator, 0, 1, batch, 8) - 1)
    bins = size // 2 + 1
    at_F = 7 * torch.log1p(torch.arange(bins, device=x_BT.device) / (bins - 1) * 20) / math.log(21)
    left_F = at_F.long().clamp(max=6)
    gain_BF = torch.lerp(gain_BK[:, left_F], gain_BK[:, left_F + 1], (at_F - left_F).expand(batch, -1))
    x_BT = torch.fft.irfft(torch.fft.rfft(x_BT) * 10 ** (gain_BF / 20), n=size)
    bank_KT = noises().to(x_BT.device)
    which_B = (uniform(generator, 0, 1, batch) * len(bank_KT)).long()
    start_B = (uniform(generator, 0, 1, batch) * bank_KT.shape[1]).long()
    place_BT = (start_B[:, None] + torch.arange(size, device=x_BT.device)) % bank_KT.shape[1]
    noise_BT = bank_KT[which_B[:, None], place_BT].float() / FULL_SCALE
    noisy_BT, _ = mix(x_BT, noise_BT, uniform(generator, 5, 25, batch))
    x_BT = torch.where((uniform(generator, 0, 1, batch) < noise_share)[:, None], noisy_BT, x_BT)
    if not band_share:
        return x_BT
    low_B = 300.0 * (uniform(generator, 0, 1, batch) < 0.5)
    narrow_BT = band(x_BT, low_B, uniform(generator, 3_200, 7_500, batch))
    return torch.where((uniform(generator, 0, 1, batch) < band_share)[:, None], narrow_BT, x_BT)


def spec_augment(m_BFN: Tensor, generator: torch.Generator, *, bands: int = 8, frames: int = 20) -> Tensor:
    """Spectra `(B, F, N)`, a stretch of bands and one of time blanked in each (SpecAugment, Park et al. 2019)."""
    for dim, widest in ((1, bands), (2, frames)):
        size = m_BFN.shape[dim]
        width_B = uniform(generator, 0, 1, len(m_BFN)) * widest
        start_B = uniform(generator, 0, 1, len(m_BFN)) * (size - width_B).clamp(min=0)
        at = torch.arange(size, device=m_BFN.device)[None]
        blank = (at >= start_B[:, None]) & (at < (start_B + width_B)[:, None])
        m_BFN = m_BFN.masked_fill(blank[:, :, None] if dim == 1 else blank[:, None, :], 0.0)
    return m_BFN
