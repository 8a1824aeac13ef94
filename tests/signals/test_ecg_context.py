"""A beat beside its usual ones and its neighbours, and its intervals: on simulated leads, where the truth is exact."""

import numpy as np
import pytest

from signals import ecg, ecg_context
from signals.ecg_context import ABSOLUTE, AROUND, RHYTHM
from signals.synthetic_ecg import Simulated, simulate

NEAR_R = slice(36, 54)
"""A tenth of a second on either side of R, where no neighbour reaches."""


def made(pattern: str, seconds: float = 60, rate: float = 72) -> Simulated:
    return simulate(seconds, pattern=tuple(pattern), beats_per_minute=rate, noise_mv=0, drift_mv=0)


def test_two_beats_are_too_few() -> None:
    with pytest.raises(ValueError, match="Fewer than three"):
        ecg_context.beats(np.zeros(3600, np.float32), np.array([100, 460]))


@pytest.mark.parametrize("n", [3, 4, 39, 41])
def test_few_beats_are_enough(n: int) -> None:
    it = made("NNV", seconds=60)
    beats = ecg_context.beats(it.x_T, it.r_B[:n])
    assert beats.context_BCT.shape == (n, 4, 2 * AROUND) and beats.rhythm_BF.shape == (n, len(RHYTHM))
    assert beats.context_BCT.isfinite().all() and beats.rhythm_BF.isfinite().all()


def test_a_flat_line_and_noise_are_no_trouble() -> None:
    r_B = np.arange(200, 9000, 300)
    for x_T in (np.zeros(9400, np.float32), np.random.default_rng(0).standard_normal(9400).astype(np.float32)):
        context = ecg_context.context(x_T, r_B)
        assert np.isfinite(context).all() and np.abs(context).max() <= 6


def test_the_usual_beats_are_not_moved_by_ectopic_ones() -> None:
    it = made("NNNV")
    context = ecg_context.context(it.x_T, it.r_B)
    for channel in (1, 3):
        odd = np.abs(context[:, channel, NEAR_R]).max(axis=1)
        assert odd[it.class_B == 0][1:-1].max() < 0.25 < 0.6 < odd[it.class_B == 2][1:-1].min()


def test_the_ruling_beat_stands_where_the_local_one_gives_way() -> None:
    """Sixty normal beats, then thirty ventricular ones: near them these are the usual ones, in the whole not."""
    it = made("N" * 60 + "V" * 30, seconds=70)
    run = np.flatnonzero(it.class_B == 2)[12:18]
    local, ruling = (np.abs(ecg_context.context(it.x_T, it.r_B)[run, c][:, NEAR_R]).max(axis=1) for c in (1, 3))
    assert len(run) == 6 and local.max() < 0.3 < 0.6 < ruling.min()


def test_like_shapes_are_one_group() -> None:
    it = made("NNV")
    beat_BT = ecg.cut(it.x_T, it.r_B, 36, 44)
    shape_B = ecg_context.shapes(beat_BT)
    assert len(set(shape_B[it.class_B == 0])) == 1 and not set(shape_B[it.class_B == 0]) & set(shape_B[it.class_B == 2])


def test_no_more_shapes_than_are_kept() -> None:
    shape_B = ecg_context.shapes(np.random.default_rng(0).standard_normal((300, 20)))
    assert len(set(shape_B)) == ecg_context.SHAPES


def test_context_knows_no_gain() -> None:
    it = made("NNV", seconds=30)
    assert np.allclose(ecg_context.context(it.x_T, it.r_B), ecg_context.context(3 * it.x_T, it.r_B), atol=1e-4)


def test_context_turns_over_with_the_lead() -> None:
    it = made("NNV", seconds=30)
    assert np.allclose(ecg_context.context(it.x_T, it.r_B), -ecg_context.context(-it.x_T, it.r_B), atol=1e-5)


def test_rhythm_of_an_early_beat() -> None:
    r_B = np.array([0, 360, 720, 1080, 1260, 1800, 2160])  # 0.5 s before the fifth, 1.5 s after it
    rhythm = dict(zip(RHYTHM, ecg_context.rhythm(r_B)[4], strict=True))
    assert rhythm["R-R before"] == pytest.approx(np.log(0.5)) and rhythm["R-R after"] == pytest.approx(np.log(1.5))
    assert rhythm["before / median of 40 around"] == pytest.approx(np.log(0.5))
    assert rhythm["before / median of the last 10"] == pytest.approx(np.log(0.5))
    assert rhythm["after / before"] == pytest.approx(np.log(3))
    assert rhythm["share of shorter ones around"] == 0 and rhythm["second before / median"] == 0


def test_only_the_absolute_measures_know_the_pulse() -> None:
    r_B = np.cumsum(np.random.default_rng(0).integers(200, 300, 60))
    slow, fast = ecg_context.rhythm(2 * r_B), ecg_context.rhythm(r_B)
    assert np.allclose(slow[:, ABSOLUTE:], fast[:, ABSOLUTE:], atol=1e-5)
    assert np.allclose(slow[:, :ABSOLUTE] - fast[:, :ABSOLUTE], np.log(2), atol=1e-5)
