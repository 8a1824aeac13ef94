"""Electrocardiograms: cleaned, at 360 Hz, the R peaks found, and each beat cut out with its rhythm.

Classes are those of ANSI/AAMI EC57. A beat is given in two ways. *Alone*: its own stretch, from halfway after the last
R to halfway before the next, R in the middle of 256 samples, zeros around it (0.71 s; a longer one is cut). *In
context*: a second around R, in units of the patient's own usual beat, beside its difference from that beat and those
of its two neighbours; and the R-R intervals before, after and near it. The usual beat is the median of the forty
around: it needs no label, but it needs neighbours.

`x_T` is a lead in mV at `RATE_HZ`; `r_B` holds the R peaks' sample numbers; suffixes: B beats, T samples, F features.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

RATE_HZ = 360
CLASSES = ("N", "S", "V", "F", "Q")
NORMAL = CLASSES.index("N")
NAMES = {
    "N": "normal, or bundle branch block",
    "S": "supraventricular ectopic",
    "V": "ventricular ectopic",
    "F": "fusion of ventricular and normal",
    "Q": "paced or unclassifiable",
}
AAMI = {symbol: k for k, symbols in enumerate(("NLRej", "SAaJ", "VE", "F", "Q/f")) for symbol in symbols}
"""MIT-BIH's symbol of a beat to its AAMI class; symbols that are no beats (rhythm, noise, pauses) are not in it."""

ALONE = 256
"""Samples of a beat alone, R at 128."""
AROUND = 90
"""Samples at 180 Hz on either side of R in a beat in context: 0.5 s."""
REACH = 18
"""Samples by which a peak that was found may be moved: 50 ms."""
NEIGHBOURS = 40
GROUP = 8
MOST_PHASES = 5_000
"""Of the filter by which a lead comes to 360 Hz, the parts of a sample that it tells apart: 2 ms in half an hour."""
RHYTHM = (
    "R-R before", "R-R after", "mean of the last 10", "before / mean of 10", "after / mean of 10",
    "before / local median", "after / local median", "after / before",
    "third before / median", "second before / median", "second after / median", "third after / median",
    "usual change between intervals", "least change between intervals", "before / long ones near it",
    "before / mean of the recording", "after / mean of the recording",
)  # fmt: skip
"""What `rhythm` measures of each beat: natural logarithms of seconds or of a ratio, or differences of such."""


class Beats(NamedTuple):
    """The beats of one recording: `alone_B1T` in mV, `context_BCT` in usual beats, `rhythm_BF`, and their R peaks."""

    alone_B1T: Tensor
    context_BCT: Tensor
    rhythm_BF: Tensor
    r_B: Tensor


def resample(x_T: np.ndarray, rate_hz: float) -> np.ndarray:
    """A lead `(T,)` at 360 Hz, by a polyphase filter."""
    from scipy.signal import resample_poly

    ratio = Fraction(RATE_HZ) / Fraction(rate_hz).limit_denominator(1000)
    if ratio.denominator > MOST_PHASES:  # 4,999.999 Hz: a filter of a hundred million numbers
        ratio = ratio.limit_denominator(MOST_PHASES)
    if ratio == 1:
        return x_T
    return resample_poly(x_T, ratio.numerator, ratio.denominator, padtype="line")


def clean(x_T: np.ndarray) -> np.ndarray:
    """The lead `(T,)` in mV without drift (below 0.5 Hz) and hum (above 40 Hz), not shifted in time."""
    from scipy.signal import butter, sosfiltfilt

    band = butter(2, (0.5, 40.0), "bandpass", fs=RATE_HZ, output="sos")
    return sosfiltfilt(band, x_T, padlen=min(len(x_T) - 1, 2 * RATE_HZ)).astype(np.float32)


def find_peaks(x_T: np.ndarray) -> np.ndarray:
    """The R peaks of a clean lead `(B,)`: neurokit2's steepness detector, each moved to the tallest point within 50 ms.

    On the 22 records of MIT-BIH's DS1, first ten minutes, within 50 ms of the annotators: sensitivity 98.5 %, precision
    99.2 % (wfdb's XQRS 96.4 and 96.6 %; neurokit2 without the move 94.9 and 95.3 %).
    """
    from neurokit2.ecg import ecg_findpeaks  # takes two seconds

    found = ecg_findpeaks(x_T.astype(np.float64), sampling_rate=RATE_HZ, method="neurokit", show=False)["ECG_R_Peaks"]
    at_B = np.asarray(found, dtype=np.int64)
    if not len(at_B):
        return at_B
    tallest_B = at_B - REACH + np.abs(cut(x_T, at_B, REACH, REACH)).argmax(axis=1)
    return np.unique(tallest_B.clip(0, len(x_T) - 1))


def points_down(x_T: np.ndarray, r_B: np.ndarray) -> bool:
    """Whether the QRS of the usual beat goes further down than up, by half: as it does with swapped electrodes."""
    qrs_T = np.median(cut(x_T, r_B, 27, 27), axis=0)  # 75 ms on either side
    return bool(-qrs_T.min() > 1.5 * qrs_T.max())


def cut(x_T: np.ndarray, at_B: np.ndarray, before: int, after: int) -> np.ndarray:
    """Windows `(B, before + after)` float32 around each of `at_B`; beyond the ends the lead keeps its last value."""
    index = at_B[:, None] + np.arange(-before, after)
    return x_T[index.clip(0, len(x_T) - 1)].astype(np.float32)


def beats(x_T: np.ndarray, r_B: np.ndarray) -> Beats:
    """A clean lead's beats, alone and in context; ValueError where there are fewer than three."""
    if len(r_B) < 3:
        raise ValueError("Fewer than three heartbeats were found: a beat is judged by its neighbours")
    return Beats(*map(torch.from_numpy, (alone(x_T, r_B), context(x_T, r_B), rhythm(r_B), r_B.astype(np.int64))))


def alone(x_T: np.ndarray, r_B: np.ndarray) -> np.ndarray:
    """Each beat from halfway after the last R to halfway before the next `(B, 1, ALONE)`, zeros around it."""
    middle = ALONE // 2
    half = (np.diff(r_B) / 2).astype(int)
    before, after = np.concatenate([[middle], half]), np.concatenate([half, [middle]])
    place_T = np.arange(-middle, middle)
    own_BT = (place_T >= -before[:, None]) & (place_T < after[:, None])
    return np.where(own_BT, cut(x_T, r_B, middle, middle), 0).astype(np.float32)[:, None]


def context(x_T: np.ndarray, r_B: np.ndarray) -> np.ndarray:
    """A second around each R at 180 Hz, its difference from the usual beat, and that difference of the beat before and
    of the beat after `(B, 4, 2 * AROUND)`; beyond the ends those are zero.

    All are divided by the height of the usual beat, from its lowest to its highest point, so that neither the lead's
    gain nor the electrode's place matters.
    """
    beat_BT = cut(x_T, r_B, 2 * AROUND, 2 * AROUND)[:, ::2]  # nothing above 40 Hz is left to fold back
    beat_BT -= np.median(beat_BT, axis=1, keepdims=True)
    usual_BT = usual(beat_BT)
    qrs = slice(AROUND - 27, AROUND + 27)  # 150 ms on either side: no T wave
    height_B1 = np.ptp(usual_BT[:, qrs], axis=1, keepdims=True).clip(min=0.05)  # mV: a flat line is not blown up
    odd_BT = (beat_BT - usual_BT) / height_B1
    nothing_1T = np.zeros_like(odd_BT[:1])
    before_BT, after_BT = np.concatenate([nothing_1T, odd_BT[:-1]]), np.concatenate([odd_BT[1:], nothing_1T])
    return np.stack([beat_BT / height_B1, odd_BT, before_BT, after_BT], axis=1)


def usual(beat_BT: np.ndarray) -> np.ndarray:
    """For each beat the median of the forty around it `(B, T)`; eight beats that follow one another share theirs."""
    found = np.empty_like(beat_BT)
    for start in range(0, len(beat_BT), GROUP):
        low = max(0, min(start + GROUP // 2 - NEIGHBOURS // 2, len(beat_BT) - NEIGHBOURS))
        found[start : start + GROUP] = np.median(beat_BT[low : low + NEIGHBOURS], axis=0)
    return found


def rhythm(r_B: np.ndarray) -> np.ndarray:
    """The R-R intervals around each beat `(B, len(RHYTHM))`, as logarithms; at the ends the nearest stands in."""
    rr = np.log(np.diff(r_B).clip(min=1) / RATE_HZ).clip(-2.0, 1.5)  # 0.14 to 4.5 s
    n = len(r_B)
    at = lambda k: rr[np.clip(np.arange(n) + k, 0, n - 2)]  # noqa: E731  # −1 ends at the beat, 0 begins there
    before, after = at(-1), at(0)
    seconds = np.exp(rr)
    mean = np.log([seconds[max(0, i - 10) : max(1, i)].mean() for i in range(n)])
    local = np.array([np.median(rr[max(0, i - 20) : i + 20]) for i in range(n)])
    whole = np.log(seconds.mean())  # a mean feels the long pauses that a median leaves out
    columns = (
        before, after, mean, before - mean, after - mean, before - local, after - local, after - before,
        at(-3) - local, at(-2) - local, at(1) - local, at(2) - local, *_irregularity(before),
        before - whole, after - whole,
    )  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


def _irregularity(before: np.ndarray) -> tuple[np.ndarray, ...]:
    """How restless the rhythm is, whatever single early beats do: in fibrillation no interval is like the last."""
    n, change = len(before), np.abs(np.diff(before, prepend=before[0]))
    around = lambda x, i, k: x[max(0, i - k) : i + k + 1]  # noqa: E731
    usual_change = np.array([np.median(around(change, i, 10)) for i in range(n)])
    least_change = np.array([np.quantile(around(change, i, 20), 0.25) for i in range(n)])
    long = np.array([np.quantile(around(before, i, 8), 0.75) for i in range(n)])
    return usual_change, least_change, before - long
