"""A heartbeat in context: beside the patient's usual beats and its neighbours, and the rhythm around it.

Two usual beats, neither of which needs a label. The *local* one is the median of the forty beats around; where every
other beat is ectopic, it is half ectopic itself. The *ruling* one is the median of the forty nearest beats of the
recording's largest group of QRS shapes, which early runs and bigeminy leave alone. Both need neighbours on either side.

`x_T` is a clean lead in mV at 360 Hz; `r_B` holds the R peaks' sample numbers; suffixes: B beats, C channels,
T samples, F features, W beats near one.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from signals.ecg import RATE_HZ, alone, cut

STEP = 4
"""Samples of the lead to one of a beat in context: 90 Hz, of a lead with little above 40."""
AROUND = 45
"""Samples at 90 Hz on either side of R: half a second."""
QRS = slice(AROUND - 14, AROUND + 14)
"""155 ms on either side of R: no T wave, so that the height is the QRS's."""
NARROW = slice(AROUND - 9, AROUND + 11)
"""From 100 ms before R to 120 ms after it: by what shapes are told apart."""
NEIGHBOURS = 40
GROUP = 8
"""Beats that follow one another and share a usual beat."""
ALIKE = 0.9
"""The correlation of two QRS from which on they are one shape."""
SHAPES = 40
"""Shapes that a recording has at most; what is like none of them joins the nearest."""
ABSOLUTE = 3
"""How many of `RHYTHM` are logarithms of seconds; the others are ratios, and know no pulse."""
RHYTHM = (
    "R-R before", "R-R after", "local median",
    "before / median of the last 10", "after / median of the last 10", "before / median of 10 around",
    "before / median of 40 around", "after / median of 40 around", "before / median of 200 around",
    "after / median of 200 around", "after / before", "fourth before / median", "third before / median",
    "second before / median", "second after / median", "third after / median", "usual change between intervals",
    "least change between intervals", "spread of the 40 around", "before / long ones of the 40 around",
    "before / long ones of the 16 around", "share of shorter ones around", "before / median of the recording",
    "after / median of the recording", "before / long ones of the recording", "usual change in the recording",
)  # fmt: skip
"""What `rhythm` measures of each beat: natural logarithms of seconds or of a ratio, or differences of such."""


class Beats(NamedTuple):
    """One recording's beats in order: `alone_B1T` in mV, `context_BCT` in usual beats, `rhythm_BF`, R peaks `r_B`."""

    alone_B1T: Tensor
    context_BCT: Tensor
    rhythm_BF: Tensor
    r_B: Tensor


def beats(x_T: np.ndarray, r_B: np.ndarray) -> Beats:
    """A clean lead's beats, alone and in context; ValueError where there are fewer than three."""
    if len(r_B) < 3:
        raise ValueError("Fewer than three heartbeats were found: a beat is judged by its neighbours")
    return Beats(*map(torch.from_numpy, (alone(x_T, r_B), context(x_T, r_B), rhythm(r_B), r_B.astype(np.int64))))


def context(x_T: np.ndarray, r_B: np.ndarray) -> np.ndarray:
    """A second around each R at 90 Hz, and its difference from the local usual beat; the same two by the ruling one
    `(B, 4, 2 * AROUND)`.

    Each pair is divided by the height of its usual QRS, from its lowest to its highest point, so that neither the
    lead's gain nor the electrode's place matters.
    """
    beat_BT = cut(x_T, r_B, STEP * AROUND, STEP * AROUND)[:, ::STEP]
    beat_BT -= np.median(beat_BT, axis=1, keepdims=True)
    pairs = []
    for usual_BT in (local(beat_BT), ruling(beat_BT, r_B)):
        height_B1 = np.ptp(usual_BT[:, QRS], axis=1, keepdims=True).clip(min=0.05)  # mV: a flat line is not blown up
        pairs += [beat_BT / height_B1, (beat_BT - usual_BT) / height_B1]
    return np.stack(pairs, axis=1).clip(-6, 6)  # an artefact of ten beats' height is no more than one of six


def local(beat_BT: np.ndarray) -> np.ndarray:
    """For each beat the median of the forty around it `(B, T)`."""
    return _medians(beat_BT, np.arange(len(beat_BT)))


def ruling(beat_BT: np.ndarray, r_B: np.ndarray) -> np.ndarray:
    """For each beat the median of the forty nearest of the ruling shape `(B, T)`, the earliest quarter left out."""
    shape_B = shapes(beat_BT[:, NARROW])
    ruling_B = shape_B == np.bincount(shape_B).argmax()
    before_B = np.diff(r_B, prepend=2 * r_B[0] - r_B[1])
    usual_B = ruling_B & (
        before_B >= np.quantile(before_B[ruling_B], 0.25)
    )  # an S beat has the shape of an N, but is early
    return _medians(beat_BT, np.flatnonzero(usual_B))


def shapes(qrs_BT: np.ndarray) -> np.ndarray:
    """Which group of like QRS each beat belongs to `(B,)`: leader clustering, each joins the leader it is most like."""
    unit_BT = qrs_BT - qrs_BT.mean(axis=1, keepdims=True)
    unit_BT = unit_BT / (np.linalg.norm(unit_BT, axis=1, keepdims=True) + 1e-9)
    leader_ST, found_B = np.zeros((SHAPES, qrs_BT.shape[1])), np.zeros(len(qrs_BT), np.int64)
    n = 0
    for i, one_T in enumerate(unit_BT):
        likeness_S = leader_ST[:n] @ one_T
        k = int(likeness_S.argmax()) if n else 0
        if n and likeness_S[k] > ALIKE:  # the leader follows slowly: shapes drift as the patient turns over
            moved_T = 0.98 * leader_ST[k] + 0.02 * one_T
            leader_ST[k] = moved_T / np.linalg.norm(moved_T)
        elif n < SHAPES:
            leader_ST[n], k, n = one_T, n, n + 1
        found_B[i] = k
    return found_B


def _medians(beat_BT: np.ndarray, of_M: np.ndarray) -> np.ndarray:
    """For each beat the median of those of the beats `of_M`, forty at most, that are nearest to it `(B, T)`."""
    found_BT = np.empty_like(beat_BT)
    for start in range(0, len(beat_BT), GROUP):
        middle = int(np.searchsorted(of_M, start + GROUP // 2))
        low = max(0, min(middle - NEIGHBOURS // 2, len(of_M) - NEIGHBOURS))
        found_BT[start : start + GROUP] = np.median(beat_BT[of_M[low : low + NEIGHBOURS]], axis=0)
    return found_BT


def rhythm(r_B: np.ndarray) -> np.ndarray:
    """The R-R intervals around each beat `(B, len(RHYTHM))`, as logarithms; at the ends the nearest stands in."""
    rr = np.log(np.diff(r_B).clip(min=20) / RATE_HZ).clip(-2.0, 1.5)  # 0.14 to 4.5 s
    n = len(r_B)
    at = lambda k: rr[np.clip(np.arange(n) + k, 0, n - 2)]  # noqa: E731  # −1 ends at the beat, 0 begins there
    before, after = at(-1), at(0)
    past = np.median(_windows(before, 10, -10), axis=1)
    around = {k: _windows(before, 2 * k + 1, -k) for k in (5, 8, 10, 20, 100)}
    ten, forty, many = (np.median(around[k], axis=1) for k in (5, 20, 100))
    low, high = np.quantile(around[20], (0.25, 0.75), axis=1)
    change = np.abs(np.diff(before, prepend=before[0]))  # in fibrillation no interval is like the last
    whole, ones = np.median(before), np.ones(n)
    columns = (
        before, after, forty,
        before - past, after - past, before - ten, before - forty, after - forty, before - many, after - many,
        after - before, at(-4) - forty, at(-3) - forty, at(-2) - forty, at(1) - forty, at(2) - forty,
        np.median(_windows(change, 21, -10), axis=1), np.quantile(_windows(change, 41, -20), 0.25, axis=1),
        high - low, before - high, before - np.quantile(around[8], 0.75, axis=1),
        (around[20] < before[:, None]).mean(axis=1),
        before - whole, after - whole, before - np.quantile(before, 0.9), ones * np.median(change),
    )  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


def _windows(x_B: np.ndarray, width: int, first: int) -> np.ndarray:
    """For each beat `width` numbers, from `first` places after it on `(B, W)`; at the ends the nearest there are."""
    width = min(width, len(x_B))
    start_B = np.clip(np.arange(len(x_B)) + first, 0, len(x_B) - width)
    return sliding_window_view(x_B, width)[start_B]
