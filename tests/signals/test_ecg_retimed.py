"""A lead's beats at other times: QRS untouched, intervals as asked for, early beats early, fibrillation restless."""

import numpy as np
import pytest

from signals import ecg, ecg_retimed
from signals.ecg import RATE_HZ
from signals.ecg_retimed import UNASKED
from signals.synthetic_ecg import Simulated, simulate


@pytest.fixture
def made() -> Simulated:
    return simulate(120, pattern=("N",) * 30 + ("V",), noise_mv=0, drift_mv=0)


def test_the_same_times_are_the_same_lead(made: Simulated) -> None:
    again_T, at_B = ecg_retimed.retimed(made.x_T, made.r_B, np.diff(made.r_B) / RATE_HZ, np.ones(len(made.r_B)))
    assert np.array_equal(at_B, made.r_B)
    assert np.abs(again_T[: len(made.x_T)] - made.x_T[: len(again_T)]).max() < 0.01


def test_beats_come_when_asked_and_keep_their_qrs(made: Simulated) -> None:
    wanted = np.random.default_rng(0).uniform(0.5, 1.4, len(made.r_B) - 1)
    moved_T, at_B = ecg_retimed.retimed(made.x_T, made.r_B, wanted, np.ones(len(made.r_B)))
    assert np.abs(np.diff(at_B) / RATE_HZ - wanted).max() < 0.004
    before, after = ecg.cut(made.x_T, made.r_B, 20, 24), ecg.cut(moved_T, at_B, 20, 24)
    assert np.abs(before - after).max() < 0.12, "half a sample of a steep slope"


def test_the_p_wave_is_taken_away(made: Simulated) -> None:
    n, interval = len(made.r_B), np.diff(made.r_B) / RATE_HZ
    p = slice(70 - 61, 70 - 40)  # of 0.13 mV, 170 ms before R
    tall = ecg.cut(made.x_T, made.r_B, 70, 0)[:, p].max(1)
    flat_T, at_B = ecg_retimed.retimed(made.x_T, made.r_B, interval, np.zeros(n))
    assert np.median(tall) > 0.1 and np.median(np.ptp(ecg.cut(flat_T, at_B, 70, 0)[:, p], axis=1)) < 0.02


def test_early_beats_are_early_and_called_so(made: Simulated) -> None:
    found = ecg_retimed.early_beats(made.x_T, made.r_B, made.class_B, np.random.default_rng(1))
    assert len(found.r_B) == len(found.class_B) == len(made.r_B) and found.r_B[-1] < len(found.x_T)
    share = np.diff(found.r_B) / np.median(np.diff(made.r_B))
    s_B = found.class_B == 1
    assert 3 <= s_B.sum() < len(s_B) / 3 and share[s_B[1:]].max() < 0.95
    assert (share[~s_B[1:]] > 0.85).all() or (made.class_B[1:][(share < 0.85) & ~s_B[1:]] == 2).all()
    assert np.array_equal(found.class_B == 2, made.class_B == 2), "a V stays a V"


def test_fibrillation_is_restless_and_asks_for_no_s(made: Simulated) -> None:
    class_B = made.class_B.copy()
    class_B[5] = 1
    found = ecg_retimed.fibrillating(made.x_T, made.r_B, class_B, np.random.default_rng(0))
    assert np.diff(np.log(np.diff(found.r_B))).std() > 3 * np.diff(np.log(np.diff(made.r_B[:30]))).std()
    assert set(found.class_B.tolist()) == {0, UNASKED} and (found.class_B == UNASKED).sum() == (class_B > 0).sum()


def test_the_same_draw_is_the_same_lead(made: Simulated) -> None:
    one, other = (ecg_retimed.early_beats(made.x_T, made.r_B, made.class_B, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.x_T, other.x_T) and np.array_equal(one.class_B, other.class_B)
