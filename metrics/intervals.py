"""How sure we can be of a number that was measured on so many independent units."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

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


def of_mean(value_B: Tensor) -> Interval:
    """The 95 % interval of the mean of many independent values, by the central limit theorem."""
    half = 1.959964 * value_B.double().std().item() / math.sqrt(len(value_B))
    mean = value_B.double().mean().item()
    return Interval(mean - half, mean + half, len(value_B))


def bootstrap(
    units: Sequence[T], statistic: Callable[[list[T]], float], *, rounds: int = 1000, seed: int = 0
) -> Interval:
    """The 95 % percentile interval of `statistic` when the independent `units` are drawn again with replacement.

    A unit is whatever is independent of the others (a patient with all its beats, a speaker, a picture); rounds in
    which the statistic is no number are left out, and ValueError is raised where it never is one. Of a dozen units and
    fewer the interval comes out too narrow (Efron & Tibshirani 1993, chapter 13).
    """
    drawn = _draws(len(units), rounds, seed)
    return _percentiles([statistic([units[i] for i in index]) for index in drawn], len(units))


def by_unit(
    unit_B: Tensor, statistic: Callable[[Tensor], dict[str, float]], *, rounds: int = 1000, seed: int = 0
) -> dict[str, Interval]:
    """`bootstrap` of several measures at once, for samples of which `unit_B` says to which unit each belongs.

    `statistic` gives measures by name, of the samples whose indices it is handed: those of a unit that is drawn twice
    come twice.
    """
    members = [(unit_B == unit).nonzero().flatten() for unit in unit_B.unique()]
    drawn = _draws(len(members), rounds, seed)
    found = [statistic(torch.cat([members[i] for i in index])) for index in drawn]
    return {name: _percentiles([measures[name] for measures in found], len(members)) for name in found[0]}


def means_by_unit(values: dict[str, Tensor], unit_B: Tensor) -> dict[str, Interval]:
    """`by_unit` of the `finite_mean` of each measure `(B,)`; one that no sample has is left out."""
    had = {name: value_B for name, value_B in values.items() if value_B.isfinite().any()}
    return by_unit(unit_B, lambda index: {name: finite_mean(value_B[index]) for name, value_B in had.items()})


def finite_mean(value_B: Tensor) -> float:
    """The mean over the samples that have a value (nan or infinite elsewhere); nan where none has."""
    return value_B[value_B.isfinite()].double().mean().item()


def by_kind(
    score_B: Tensor,
    positive_B: Tensor,
    statistic: Callable[[Tensor, Tensor], float],
    *,
    rounds: int = 1000,
    seed: int = 0,
) -> Interval:
    """The 95 % bootstrap interval of `statistic(score_B, positive_B)`, positives and others drawn each by themselves.

    So their share is the same in every round, as it is where a sample was made with so many of each.
    """
    generator = torch.Generator().manual_seed(seed)
    kinds = [kind.nonzero().flatten() for kind in (positive_B, ~positive_B)]
    found = []
    for _ in range(rounds):
        drawn = [kind[torch.randint(len(kind), (len(kind),), generator=generator)] for kind in kinds if len(kind)]
        index = torch.cat(drawn)
        found.append(statistic(score_B[index], positive_B[index]))
    return _percentiles(found, len(score_B))


def _draws(n: int, rounds: int, seed: int) -> Iterator[list[int]]:
    draw = random.Random(seed)
    return (draw.choices(range(n), k=n) for _ in range(rounds))


def _percentiles(values: Sequence[float], n: int) -> Interval:
    found = sorted(filter(math.isfinite, values))
    if not found:
        raise ValueError("the statistic was never a number")
    return Interval(found[int(0.025 * len(found))], found[min(len(found) - 1, int(0.975 * len(found)))], n)
