"""Beats are found, cut and timed as they should be: on simulated leads, and against the annotators of real ones."""

import numpy as np
import pytest

from signals import ecg
from signals.ecg import RATE_HZ
from signals.synthetic_ecg import simulate
from training import DataMissing
from training.data import mitbih


def agreement(known_B: np.ndarray, found_B: np.ndarray, *, within: int = 18) -> tuple[float, float]:
    """Sensitivity and precision of peaks within `within` samples (50 ms), each matched at most once."""
    i = j = hits = 0
    while i < len(known_B) and j < len(found_B):
        gap = found_B[j] - known_B[i]
        if abs(gap) <= within:
            hits, i, j = hits + 1, i + 1, j + 1
        elif gap < 0:
            j += 1
        else:
            i += 1
    return hits / len(known_B), hits / len(found_B)


def test_agreement_counts_each_peak_once() -> None:
    known = np.array([100, 500, 900])
    assert agreement(known, known) == (1, 1)
    assert agreement(known, np.array([90, 110, 519, 900])) == (2 / 3, 2 / 4)


@pytest.mark.parametrize("pattern", ["N", "NNNNNV", "NNNNS", "NNNF"])
@pytest.mark.parametrize("rate", [50, 72, 100])
def test_peaks_of_a_simulated_lead(pattern: str, rate: float) -> None:
    made = simulate(40, pattern=tuple(pattern), beats_per_minute=rate, seed=3)
    sensitivity, precision = agreement(made.r_B, ecg.find_peaks(ecg.clean(made.x_T)))
    assert sensitivity > 0.95 and precision > 0.95


@pytest.mark.data
@pytest.mark.parametrize(("name", "least"), [("100", 0.998), ("208", 0.99)])
def test_peaks_against_the_annotators(name: str, least: float) -> None:
    """Within 50 ms, over the whole half hour: a quiet record, and one with a thousand ventricular beats."""
    try:
        it = mitbih.record(name)
    except DataMissing as error:
        pytest.skip(str(error))
    sensitivity, precision = agreement(it.r_B, ecg.find_peaks(ecg.clean(it.x_T)))
    assert sensitivity >= least and precision >= least


def test_nothing_is_found_in_nothing() -> None:
    assert not len(ecg.find_peaks(np.zeros(10 * RATE_HZ, np.float32)))


def test_cleaning_takes_drift_and_hum_and_leaves_the_beat() -> None:
    made = simulate(20, noise_mv=0, drift_mv=0)
    t = np.arange(len(made.x_T)) / RATE_HZ
    dirty = made.x_T + 0.8 * np.sin(2 * np.pi * 0.15 * t) + 0.2 * np.sin(2 * np.pi * 60 * t)
    inner = slice(2 * RATE_HZ, -2 * RATE_HZ)
    pure, cleaned = ecg.clean(made.x_T)[inner], ecg.clean(dirty)[inner]
    assert np.abs(cleaned - pure).max() < 0.12
    assert abs(pure.max() - made.x_T[inner].max()) < 0.25


@pytest.mark.parametrize("rate", [50, 128, 250, 360, 1000])
def test_any_rate_comes_to_360_hz(rate: float) -> None:
    t = np.arange(10 * rate) / rate
    x = ecg.resample(np.sin(2 * np.pi * 5 * t), rate)
    assert len(x) == 10 * RATE_HZ
    expected = np.sin(2 * np.pi * 5 * np.arange(len(x)) / RATE_HZ)
    assert np.abs(x - expected)[RATE_HZ:-RATE_HZ].max() < 0.02


def test_a_beat_alone_ends_halfway_to_its_neighbours() -> None:
    x_T = np.ones(3000, np.float32)
    beats = ecg.alone(x_T, np.array([500, 600, 720]))
    assert beats.shape == (3, 1, ecg.ALONE)
    assert np.flatnonzero(beats[1, 0]).tolist() == list(range(128 - 50, 128 + 60))  # R at 128, halves of 100 and 120
    wide = ecg.alone(x_T, np.array([500, 1500, 2500]))
    assert (wide[1] == 1).all()  # a longer beat is cut at 256 samples


def test_a_place_is_moved_to_the_tallest_point_near_it() -> None:
    x_T = np.zeros(400, np.float32)
    x_T[[100, 130, 300]] = 1, 2, -1
    assert ecg.tallest_near(x_T, np.array([105, 125, 290, 399])).tolist() == [100, 130, 300, 381]


def test_a_lead_upside_down() -> None:
    made = simulate(20)
    clean = ecg.clean(made.x_T)
    assert not ecg.points_down(clean, ecg.find_peaks(clean))
    assert ecg.points_down(-clean, ecg.find_peaks(-clean))


def test_every_symbol_has_its_class() -> None:
    assert {s: ecg.CLASSES[k] for s, k in ecg.AAMI.items()} == {
        **dict.fromkeys("NLRej", "N"), **dict.fromkeys("SAaJ", "S"), **dict.fromkeys("VE", "V"), "F": "F",
        **dict.fromkeys("Q/f", "Q"),
    }  # fmt: skip
