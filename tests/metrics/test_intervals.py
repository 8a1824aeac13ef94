"""Intervals on cases whose spread is known."""

from statistics import fmean, variance

import pytest
from scipy.stats import t

from metrics.intervals import Interval, bootstrap, welch, wilson


def test_wilson_interval() -> None:
    low, high, n = wilson(0.5, 100)
    assert (low, high, n) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4), 100)
    assert wilson(1.0, 10).high == pytest.approx(1.0)
    assert wilson(0.0, 10).low == pytest.approx(0.0)
    assert isinstance(wilson(0.9, 5), Interval)


def test_the_bootstrap_draws_whole_units_and_is_reproducible() -> None:
    units = [float(i % 10) for i in range(100)]
    found = bootstrap(units, lambda drawn: sum(drawn) / len(drawn))
    spread = 1.96 * (8.25 / 100) ** 0.5
    assert found.low == pytest.approx(4.5 - spread, abs=0.1) and found.high == pytest.approx(4.5 + spread, abs=0.1)
    assert found.n == 100 and found == bootstrap(units, lambda drawn: sum(drawn) / len(drawn))
    assert bootstrap([2.0] * 5, max) == (2.0, 2.0, 5)


def test_rounds_without_a_number_are_left_out_of_the_bootstrap() -> None:
    found = bootstrap([0.0, 1.0], lambda drawn: sum(drawn) if sum(drawn) else float("nan"))
    assert (found.low, found.high) == (1.0, 2.0)
    with pytest.raises(ValueError, match="never a number"):
        bootstrap([1.0], lambda drawn: float("nan"))


def test_a_bootstrap_of_equal_units_is_a_point() -> None:
    assert bootstrap([[2.0]] * 10, lambda g: sum(v for x in g for v in x) / len(g)) == Interval(2.0, 2.0, 10)


def test_the_difference_of_two_means_by_hand() -> None:
    a, b = [0.60, 0.62, 0.65], [0.55, 0.61, 0.58]
    error_a, error_b = (variance(values) / 3 for values in (a, b))
    freedom = (error_a + error_b) ** 2 / (error_a**2 / 2 + error_b**2 / 2)  # Welch-Satterthwaite
    half = t.ppf(0.975, freedom) * (error_a + error_b) ** 0.5
    difference = fmean(a) - fmean(b)
    assert welch(a, b) == pytest.approx((difference - half, difference + half, 6))
    assert welch([1, 1], [0, 0]) == (1, 1, 4), "without any spread it is known exactly"
