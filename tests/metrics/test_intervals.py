"""Intervals on cases whose spread is known."""

import math
from statistics import fmean, variance

import pytest
import torch
from scipy.stats import norm, t

from metrics.intervals import Interval, bootstrap, by_unit, finite_mean, means_by_unit, of_mean, welch, wilson


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


@pytest.mark.parametrize("rounds", [200, 1000])
def test_nineteen_of_twenty_rounds_lie_within_the_ends(rounds: int) -> None:
    values = iter(range(rounds, 0, -1))
    found = bootstrap(["a unit"], lambda _: float(next(values)), rounds=rounds)
    assert found == (1 + rounds / 40, 1 + rounds * 39 / 40, 1)


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


def test_the_interval_of_a_mean_by_hand() -> None:
    value_B = torch.arange(100, dtype=torch.float32) % 10  # ten times 0 to 9: 825 squares in all around 4.5
    error = (825 / 99 / 100) ** 0.5
    assert of_mean(value_B) == pytest.approx((*norm.interval(0.95, 4.5, error), 100))
    assert of_mean(torch.full((7,), 3.0)) == (3, 3, 7), "without any spread it is known exactly"


def test_the_mean_of_many_is_not_rounded_away() -> None:
    value_B = 1e4 + torch.tensor([0.0, 1.0]).repeat(100_000)
    found = of_mean(value_B)
    assert (found.low + found.high) / 2 == pytest.approx(10_000.5, abs=1e-6)
    assert found.high - found.low == pytest.approx(2 * 1.959964 * 0.5 / 200_000**0.5, rel=1e-4)


def test_units_are_drawn_whole_and_their_samples_handed_over_together() -> None:
    unit_B = torch.tensor([7, 3, 7, 3, 3])
    seen: list[list[int]] = []

    def statistic(index: torch.Tensor) -> dict[str, float]:
        seen.append(sorted(index.tolist()))
        return {"share": (unit_B[index] == 7).double().mean().item(), "size": float(len(index))}

    found = by_unit(unit_B, statistic, rounds=100)
    assert {tuple(index) for index in seen} == {(0, 0, 2, 2), (1, 1, 3, 3, 4, 4), (0, 1, 2, 3, 4)}
    assert found == {"share": (0, 1, 2), "size": (4, 6, 2)}


def test_means_over_units_draw_as_the_bootstrap_does() -> None:
    draw = torch.Generator().manual_seed(0)
    value_B, unit_B = torch.randn(60, generator=draw).double(), torch.randint(12, (60,), generator=draw)
    groups = [value_B[unit_B == unit].tolist() for unit in unit_B.unique()]
    expected = bootstrap(groups, lambda drawn: fmean(value for group in drawn for value in group))
    assert means_by_unit({"value": value_B}, unit_B)["value"] == pytest.approx(expected)


def test_samples_without_a_value_are_in_no_mean() -> None:
    value_B, unit_B = torch.tensor([1.0, 1, 3, 3, math.nan, math.inf]), torch.tensor([0, 0, 1, 1, 1, 0])
    found = means_by_unit({"value": value_B, "nobody's": torch.full((6,), math.nan)}, unit_B)
    assert found == {"value": (1, 3, 2)}
    assert finite_mean(value_B) == 2 and math.isnan(finite_mean(torch.tensor([math.nan, math.inf])))
