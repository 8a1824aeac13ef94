"""A lead's own beats at other times: early ones, and the rhythm of fibrillation, made of a recording that has neither.

The time between the T wave and the next P wave is stretched or shortened, and those waves where that is not enough; the
QRS never. `x_T` is a clean lead at 360 Hz, `r_B` its R peaks, `class_B` their AAMI classes.
"""

from typing import NamedTuple

import numpy as np

from signals.ecg import CLASSES, NORMAL, RATE_HZ

UNASKED = -1
"""The class of a beat of which nobody can say any longer what it is."""
S, V = CLASSES.index("S"), CLASSES.index("V")
CALM = 0.12
"""By how much, as a logarithm, the intervals of a calm rhythm may differ from their median."""


class Retimed(NamedTuple):
    """A lead `x_T` with its beats at other times `r_B`, and what they now are, `class_B`."""

    x_T: np.ndarray
    r_B: np.ndarray
    class_B: np.ndarray


def early_beats(x_T: np.ndarray, r_B: np.ndarray, class_B: np.ndarray, draw: np.random.Generator) -> Retimed:
    """One normal beat in nine of a calm stretch comes after 0.5 to 0.85 of the usual interval, alone or in a run of up
    to eight, its P wave multiplied by −1 to 1: then it is an S.
    """
    interval = np.diff(r_B) / RATE_HZ
    usual = np.array([np.median(interval[max(0, i - 20) : i + 20]) for i in range(len(interval))])
    new, p_B, class_B = interval.copy(), np.ones(len(r_B)), class_B.copy()
    calm_B = (class_B == NORMAL) & (np.abs(np.log(np.r_[1, interval / usual])) < CALM)
    i = 5
    while i < len(r_B) - 12:
        run = 1 if draw.random() < 0.8 else int(draw.integers(2, 9))
        if calm_B[i - 3 : i + run + 3].all() and draw.random() < 1 / 9:
            share = draw.uniform(0.5, 0.85)
            new[i - 1] = share * usual[i]
            for k in range(i + 1, i + run):
                new[k - 1] = usual[k] * min(0.9, share * draw.uniform(0.95, 1.12))
            p_B[i : i + run], class_B[i : i + run] = draw.uniform(-1, 1), S
            new[i + run - 1] = usual[i] * draw.uniform(0.92, 1.3)  # the pause after it
            i += run + 3
        i += 1
    return Retimed(*retimed(x_T, r_B, new.clip(0.28), p_B), class_B)


def fibrillating(x_T: np.ndarray, r_B: np.ndarray, class_B: np.ndarray, draw: np.random.Generator) -> Retimed:
    """Every interval drawn at random, no P wave, small waves in its place: N stays N; of S and V nobody can say."""
    n, interval = len(r_B), np.diff(r_B) / RATE_HZ
    usual, deviation = np.median(interval) * draw.uniform(0.7, 1.15), draw.uniform(0.12, 0.28)
    slow = np.convolve(draw.standard_normal(n + 40), np.ones(40) / 40**0.5, "same")[: n - 1]
    new = usual * np.exp(deviation * draw.standard_normal(n - 1) + 0.06 * slow)
    moved_T, at_B = retimed(x_T, r_B, new.clip(0.3, 2.2), np.zeros(n))
    # The atria quiver 4.5 to 8 times a second, never quite evenly.
    pace_hz = draw.uniform(4.5, 8) + 0.01 * np.cumsum(draw.standard_normal(len(moved_T)))
    height = draw.uniform(0.01, 0.05) * np.ptp(np.percentile(x_T, [1, 99]))
    moved_T = moved_T + height * np.sin(2 * np.pi * np.cumsum(pace_hz) / RATE_HZ)
    class_B = np.where(np.isin(class_B, (S, V)), UNASKED, class_B)
    return Retimed(moved_T.astype(np.float32), at_B, class_B)


def retimed(x_T: np.ndarray, r_B: np.ndarray, interval: np.ndarray, p_B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lead with its beats `interval` seconds apart `(B - 1,)`, the P waves multiplied by `p_B`, and its R peaks.

    Only a stretch before R (the P wave and the QRS, 0.22 s) and one after it (the QRS and the T wave, 0.34 s) keep
    their pace, and of those but a share where the interval is too short for both.
    """
    old, was = r_B / RATE_HZ, np.diff(r_B) / RATE_HZ
    new = old[0] + np.r_[0, np.cumsum(interval)]
    knots = [(0.0, 0.0)]
    for k in range(len(r_B)):
        if k:
            knots.append((new[k] - min(0.22, 0.35 * interval[k - 1]), old[k] - min(0.22, 0.35 * was[k - 1])))
        knots += [(new[k] - 0.06, old[k] - 0.06), (new[k] + 0.07, old[k] + 0.07)]
        if k < len(r_B) - 1:
            knots.append((new[k] + min(0.34, 0.55 * interval[k]), old[k] + min(0.34, 0.55 * was[k])))
    knots.append((new[-1] + len(x_T) / RATE_HZ - old[-1], len(x_T) / RATE_HZ))
    new_t, old_t = np.maximum.accumulate(np.array(knots), axis=0).T
    new_t = new_t + 1e-9 * np.arange(len(new_t))  # interpolation wants times that rise
    t = np.arange(0, new_t[-1], 1 / RATE_HZ)
    moved_T = np.interp(RATE_HZ * np.interp(t, new_t, old_t), np.arange(len(x_T)), x_T)
    at_B = np.round(RATE_HZ * new).astype(np.int64)
    _scale_p_waves(moved_T, at_B, p_B)
    return moved_T.astype(np.float32), at_B


def _scale_p_waves(x_T: np.ndarray, at_B: np.ndarray, p_B: np.ndarray) -> None:
    """Multiply, in place, what stands out from a straight line between 210 and 55 ms before each R."""
    for k in np.flatnonzero(p_B != 1):
        low, high = at_B[k] - int(0.21 * RATE_HZ), at_B[k] - int(0.055 * RATE_HZ)
        if low < 0 or (k and low < at_B[k - 1] + int(0.15 * RATE_HZ)):
            continue  # so early that it stands on the beat before
        line_T = np.linspace(x_T[low], x_T[high], high - low)
        x_T[low:high] = line_T + p_B[k] * (x_T[low:high] - line_T)
