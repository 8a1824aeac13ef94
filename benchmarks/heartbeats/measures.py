"""What the peers see of a heartbeat: the numbers around R, or measures of its shape and rhythm that need no label."""

import numpy as np

from signals import ecg, ecg_context
from signals.ecg_context import NARROW

WINDOW = (90, 144)
"""Samples at 360 Hz before and after R."""
PARTS = {"QRS": NARROW, "P": slice(22, 40), "T": slice(55, 90)}
"""Of a beat in context at 90 Hz, R at 45: the P wave from 255 to 55 ms before R, the T wave from 110 ms after it on."""


def window(x_T: np.ndarray, r_B: np.ndarray) -> np.ndarray:
    """The lead around each R and its R-R intervals `(B, 240)`."""
    return np.hstack([ecg.cut(x_T, r_B, *WINDOW), ecg_context.rhythm(r_B)[:, :6]])


def measures(x_T: np.ndarray, r_B: np.ndarray) -> np.ndarray:
    """The whole rhythm; the likeness to both usual beats, part by part; heights, widths and slopes `(B, D)`."""
    local_BT, odd_BT, beat_BT, strange_BT = np.moveaxis(ecg_context.context(x_T, r_B), 1, 0)
    usual_BT, near_BT = beat_BT - strange_BT, local_BT - odd_BT
    likeness = {part: _correlation(beat_BT[:, at], usual_BT[:, at]) for part, at in PARTS.items()}
    size_B = _share_of_shape(beat_BT)
    columns = [size_B, _correlation(beat_BT, usual_BT), *likeness.values()]
    for at in PARTS.values():
        columns += [
            _correlation(local_BT[:, at], near_BT[:, at]),
            _log_energy(strange_BT[:, at]),
            _log_energy(odd_BT[:, at]),
        ]
        high_B = np.ptp(beat_BT[:, at], axis=1)
        columns += [high_B, high_B - np.ptp(usual_BT[:, at], axis=1), beat_BT[:, at].max(1), beat_BT[:, at].min(1)]
    columns.append(np.abs(beat_BT[:, NARROW]).mean(1) - np.abs(usual_BT[:, NARROW]).mean(1))
    wide = _widths(x_T, r_B)
    columns += [*wide, *(width_B - np.median(width_B) for width_B in wide)]
    for one_B in (likeness["QRS"], likeness["P"], wide[1]):
        columns += [np.r_[one_B[:1], one_B[:-1]], np.r_[one_B[1:], one_B[-1:]]]  # the neighbours' oddness
    return np.hstack([ecg_context.rhythm(r_B), np.stack(columns, axis=1)]).astype(np.float32)


def _share_of_shape(beat_BT: np.ndarray) -> np.ndarray:
    """How large a share of the recording has each beat's shape of QRS."""
    shape_B = ecg_context.shapes(beat_BT[:, NARROW])
    return np.bincount(shape_B)[shape_B] / len(shape_B)


def _widths(x_T: np.ndarray, r_B: np.ndarray) -> list[np.ndarray]:
    """Of the QRS in samples at 360 Hz: nine tenths of its slope's energy, above half and a quarter of its height; its
    steepest slope as a logarithm.
    """
    qrs_BT = ecg.cut(x_T, r_B, 43, 58)
    slope_BT = np.abs(np.diff(qrs_BT, axis=1))
    spent_BT = np.cumsum(slope_BT**2, axis=1)
    spent_BT = spent_BT / (spent_BT[:, -1:] + 1e-12)
    high_BT = np.abs(qrs_BT - np.median(qrs_BT, axis=1, keepdims=True))
    high_BT = high_BT / (high_BT.max(1, keepdims=True) + 1e-9)
    usual = max(0.05, float(np.median(np.ptp(qrs_BT, axis=1))))
    wide_B = (spent_BT > 0.95).argmax(1) - (spent_BT > 0.05).argmax(1)
    return [wide_B, (high_BT > 0.5).sum(1), (high_BT > 0.25).sum(1), np.log(slope_BT.max(1) / usual + 1e-3)]


def _correlation(a_BT: np.ndarray, b_BT: np.ndarray) -> np.ndarray:
    a_BT, b_BT = a_BT - a_BT.mean(1, keepdims=True), b_BT - b_BT.mean(1, keepdims=True)
    return (a_BT * b_BT).sum(1) / (np.linalg.norm(a_BT, axis=1) * np.linalg.norm(b_BT, axis=1) + 1e-6)


def _log_energy(x_BT: np.ndarray) -> np.ndarray:
    return np.log((x_BT**2).mean(1) + 1e-5)
