"""Electrocardiograms: cleaned, at 360 Hz, the R peaks found, and each beat cut out with its rhythm.

Classes are those of ANSI/AAMI EC57. A beat *alone* is its own stretch, from halfway after the last R to halfway before
the next, R in the middle of 256 samples, zeros around it (0.71 s; a longer one is cut). What it is beside its
neighbours is for `signals/ecg_context.py`.

`x_T` is a lead in mV at `RATE_HZ`; `r_B` holds the R peaks' sample numbers; suffixes: B beats, T samples, F features.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

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
REACH = 18
"""Samples by which a peak that was found may be moved: 50 ms."""
MOST_PHASES = 5_000
"""Of the filter by which a lead comes to 360 Hz, the parts of a sample that it tells apart: 2 ms in half an hour."""


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
    return np.unique(tallest_near(x_T, at_B))


def tallest_near(x_T: np.ndarray, at_B: np.ndarray) -> np.ndarray:
    """Each place `(B,)` moved to the point within 50 ms of it that is furthest from zero."""
    tallest_B = at_B - REACH + np.abs(cut(x_T, at_B, REACH, REACH)).argmax(axis=1)
    return tallest_B.clip(0, len(x_T) - 1)


def points_down(x_T: np.ndarray, r_B: np.ndarray) -> bool:
    """Whether the QRS of the usual beat goes further down than up, by half: as it does with swapped electrodes."""
    qrs_T = np.median(cut(x_T, r_B, 27, 27), axis=0)  # 75 ms on either side
    return bool(-qrs_T.min() > 1.5 * qrs_T.max())


def cut(x_T: np.ndarray, at_B: np.ndarray, before: int, after: int) -> np.ndarray:
    """Windows `(B, before + after)` float32 around each of `at_B`; beyond the ends the lead keeps its last value."""
    index = at_B[:, None] + np.arange(-before, after)
    return x_T[index.clip(0, len(x_T) - 1)].astype(np.float32)


def alone(x_T: np.ndarray, r_B: np.ndarray) -> np.ndarray:
    """Each beat from halfway after the last R to halfway before the next `(B, 1, ALONE)`, zeros around it."""
    middle = ALONE // 2
    half = (np.diff(r_B) / 2).astype(int)
    before, after = np.concatenate([[middle], half]), np.concatenate([half, [middle]])
    place_T = np.arange(-middle, middle)
    own_BT = (place_T >= -before[:, None]) & (place_T < after[:, None])
    return np.where(own_BT, cut(x_T, r_B, middle, middle), 0).astype(np.float32)[:, None]
