"""Does half a minute look like the electrocardiograms that nets learnt from? Its rate, its likeness, its height.

A heart repeats itself: each beat has another one near it that it is nearly the same as. Noise, speech and the rows of a
photograph have peaks too, but no two of them are alike, or they do not stand out from what lies between them.
"""

from typing import NamedTuple

import numpy as np

from signals.ecg import RATE_HZ, cut

STRETCH_SECONDS = 30
HALF = RATE_HZ // 4
"""Samples on either side of R that are compared: a quarter of a second."""
QRS = 18
"""Samples on either side of R within which a QRS stands: 50 ms."""


class Likeness(NamedTuple):
    """`rate_bpm` from the first beat to the last; `alike`, the correlation of the usual beat with the one that is most
    like it, up to 1; `height`, that of the usual QRS over the span in which four fifths of the samples lie."""

    rate_bpm: float
    alike: float
    height: float


def likeness(x_T: np.ndarray, r_B: np.ndarray) -> Likeness:
    """Of a clean stretch and its R peaks; with fewer than three of these nothing is alike."""
    if len(r_B) < 3:
        return Likeness(60 * RATE_HZ * len(r_B) / max(1, len(x_T)), 0.0, 0.0)
    beat_BT = cut(x_T, r_B, HALF, HALF)
    beat_BT = beat_BT - np.median(beat_BT, axis=1, keepdims=True)
    unit_BT = beat_BT / np.linalg.norm(beat_BT, axis=1, keepdims=True).clip(min=1e-6)
    alike_BB = unit_BT @ unit_BT.T
    np.fill_diagonal(alike_BB, -1)
    low, high = np.quantile(x_T, (0.1, 0.9))
    height = float(np.median(np.ptp(cut(x_T, r_B, QRS, QRS), axis=1)) / max(1e-6, high - low))
    return Likeness(rate(r_B), float(np.median(alike_BB.max(1))), height)


def rate(r_B: np.ndarray) -> float:
    """Beats per minute from the first R peak to the last; there are two at least."""
    return 60 * RATE_HZ * (len(r_B) - 1) / int(r_B[-1] - r_B[0])
