"""How sure we can be of a number that was measured on so many independent units."""

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Interval(NamedTuple):
    """A 95 % confidence interval and the number of independent units behind it."""

    low: float
    high: float
    n: int


def wilson(share: float, n: int) -> Interval:
    """The 95 % interval of a share measured on `n` independent units (Wilson 1927)."""
    z = 1.959964
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(max(0.0, centre - half), min(1.0, centre + half), n)


def welch(a: Sequence[float], b: Sequence[float]) -> Interval:
    """The 95 % interval of the mean of `a` minus that of `b`, whose spreads may differ (Welch 1947)."""
    from scipy.stats import ttest_ind  # not on the way of the first page

    n = len(a) + len(b)
    if len(set(a)) == len(set(b)) == 1:  # without any spread the difference is what it is
        return Interval(a[0] - b[0], a[0] - b[0], n)
    low, high = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    return Interval(float(low), float(high), n)


def bootstrap(
    units: Sequence[T], statistic: Callable[[list[T]], float], *, rounds: int = 1000, seed: int = 0
) -> Interval:
    """The 95 % percentile interval of `statistic` when the independent `units` are drawn again with replacement.

    A unit is whatever is independent of the others (a patient with all its beats, a speaker, a picture); rounds in
    which the statistic is no number are left out.
    """
    draw = random.Random(seed)
    found = sorted(filter(math.isfinite, (statistic(draw.choices(units, k=len(units))) for _ in range(rounds))))
    if not found:
        raise ValueError("the statistic was never a number")
    return Interval(found[int(0.025 * len(found))], found[min(len(found) - 1, int(0.975 * len(found)))], len(units))
