"""What repeats itself and stands out is like an ECG; noise is not."""

import numpy as np
import pytest

from signals import ecg
from signals.ecg import RATE_HZ
from signals.ecg_likeness import likeness, rate
from signals.synthetic_ecg import simulate


def test_a_heart_is_alike_and_stands_out() -> None:
    made = simulate(30, pattern=("N", "N", "V"), beats_per_minute=80)
    found = likeness(ecg.clean(made.x_T), made.r_B)
    assert found.alike > 0.98 and found.height > 2


def test_noise_is_not_alike() -> None:
    x_T = ecg.clean(np.random.default_rng(0).standard_normal(30 * RATE_HZ))
    assert likeness(x_T, np.arange(200, len(x_T), 300)).alike < 0.6


def test_what_is_as_high_between_does_not_stand_out() -> None:
    wave_T = np.sin(2 * np.pi * np.arange(30 * RATE_HZ) / RATE_HZ)
    found = likeness(wave_T, np.arange(90, len(wave_T), RATE_HZ))
    assert found.alike == pytest.approx(1) and found.height < 0.2


def test_rate_from_first_to_last() -> None:
    assert rate(np.array([0, RATE_HZ, 2 * RATE_HZ])) == 60
    assert likeness(np.zeros(RATE_HZ), np.array([5])).alike == 0
