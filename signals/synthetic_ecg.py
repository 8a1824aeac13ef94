"""A made-up electrocardiogram: waves as Gaussian bumps on a wandering rhythm, with beats out of turn where asked for.

Each wave is a bump at an offset from R (McSharry et al. 2003 draw theirs so too); offset and width in seconds,
height in mV. It is for trying things out and for tests: a real heart is not so tidy, and nothing is trained on it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from signals.ecg import CLASSES, RATE_HZ

Wave = tuple[float, float, float]
NORMAL: tuple[Wave, ...] = (
    (-0.17, 0.13, 0.022), (-0.027, -0.10, 0.009), (0.0, 1.15, 0.011), (0.028, -0.22, 0.010), (0.26, 0.30, 0.045),
)  # fmt: skip
VENTRICULAR: tuple[Wave, ...] = ((-0.02, 1.25, 0.035), (0.065, -0.65, 0.040), (0.30, -0.42, 0.060))
"""Wide, without a P wave, its T wave turned against it."""
SHAPES: dict[str, tuple[Wave, ...]] = {
    "N": NORMAL,
    "S": ((-0.13, -0.07, 0.020), *NORMAL[1:]),
    "V": VENTRICULAR,
    "F": tuple((o, 0.55 * h, w) for o, h, w in (*NORMAL, *VENTRICULAR)),
}
EARLY = {"N": 1.0, "S": 0.66, "V": 0.62, "F": 0.9}
"""The share of the usual interval after which a beat of each class comes."""
PAUSE = {"N": 1.0, "S": 1.1, "V": 1.38, "F": 1.05}
"""The share of the usual interval that follows it."""


class Simulated(NamedTuple):
    """The lead `x_T` in mV at 360 Hz, where its R peaks were put, and the AAMI class of each beat."""

    x_T: np.ndarray
    r_B: np.ndarray
    class_B: np.ndarray


def simulate(
    seconds: float,
    *,
    pattern: Sequence[str] = ("N",),
    beats_per_minute: float = 72,
    noise_mv: float = 0.02,
    drift_mv: float = 0.15,
    seed: int = 0,
) -> Simulated:
    """A lead whose beats follow `pattern` over and over: `("N",) * 5 + ("V",)` has every sixth beat ventricular."""
    draw = np.random.default_rng(seed)
    usual = 60 / beats_per_minute
    time, kinds, last = [0.6], [pattern[0]], pattern[0]
    while True:
        kind = pattern[len(kinds) % len(pattern)]
        # The pulse breathes 15 times a minute, and no two intervals are quite alike.
        breath = 1 + 0.03 * np.sin(2 * np.pi * 0.25 * time[-1]) + 0.01 * draw.standard_normal()
        following = time[-1] + usual * breath * (PAUSE[last] if kind == "N" else EARLY[kind])
        if following > seconds - 0.5:
            break
        time, kinds, last = [*time, following], [*kinds, kind], kind
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    x_T = drift_mv * np.sin(2 * np.pi * 0.22 * t + draw.uniform(0, 6)) + noise_mv * draw.standard_normal(len(t))
    for at, kind in zip(time, kinds, strict=True):
        strength = 1 + 0.03 * draw.standard_normal()
        for offset, height, width in SHAPES[kind]:
            x_T += strength * height * np.exp(-0.5 * ((t - at - offset) / width) ** 2)
    r_B = (np.array(time) * RATE_HZ).round().astype(np.int64)
    return Simulated(x_T.astype(np.float32), r_B, np.array([CLASSES.index(kind) for kind in kinds]))
