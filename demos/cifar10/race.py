"""The race: a perceptron and a convolutional net learn from the same pictures for the same seconds, in turns of a moment.

CIFAR-10 where it is at hand; where not, the groceries that ship, at 32 × 32.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import torch

from demos.cifar10.nets import CNN, KINDS, PAIR, PERCEPTRON
from metrics.intervals import Interval, wilson
from training import Recipe, Run, Splits
from training.data import at_hand

LIVE = {PERCEPTRON: (32, 1e-3), CNN: (32, 0.1)}
"""Pictures in a step and the learning rate of a short run: far smaller steps than those of a long one, and more of them."""
JUDGES = 500
"""Pictures that neither net learns from, at most, by which both are judged at each look."""
LOOKS = 12
"""How often each is judged, at most."""


class Runner(NamedTuple):
    """How one net is doing: seconds of its own and accuracy at each look, steps, and its interval at the last look."""

    points: list[tuple[float, float]]
    steps: int
    interval: Interval | None

    @property
    def right(self) -> float:
        """The share of the judges that it named rightly at its last look."""
        return self.points[-1][1] if self.points else 0.0


class Lap(NamedTuple):
    """The race so far: by kind how each is doing, of how many seconds; from how many pictures, judged by how many."""

    runners: dict[str, Runner]
    seconds: float
    learnt_from: int
    judges: int
    classes: int
    sampled: bool


def live(kind: str) -> Recipe[Any]:
    """The recipe of the best net of a kind, for a run of seconds."""
    recipe = PAIR[kind]
    batch_size, rate = LIVE[kind]
    return replace(recipe, budget=replace(recipe.budget, batch_size=batch_size, lr=rate))


def judged(recipe: Recipe[Any]) -> Recipe[Any]:
    """The same, judged by `JUDGES` pictures at most; where validation has fewer, by those of test too.

    Nothing is chosen by them but the look at which a net is kept, and no number of theirs is kept.
    """
    assert recipe.samples
    data, groceries = recipe.data, recipe.samples
    return replace(recipe, data=lambda: _judged(data()), samples=lambda: _judged(groceries()))


def _judged(splits: Splits) -> Splits:
    judges = splits.valid
    if len(judges[0]) < JUDGES:
        judges = tuple(torch.cat(pair) for pair in zip(splits.valid, splits.test, strict=True))
    judges = tuple(t[:JUDGES] for t in judges)
    return Splits(splits.train, judges, judges)


def race(seconds: float, seed: int = 0) -> Iterator[Lap]:
    """Both nets for so many seconds each; a lap whenever one of them has news. DataMissing where there is nothing."""
    runs = {kind: _run(kind, seconds, seed) for kind in KINDS}
    yield _lap(runs, seconds)
    turns = {kind: iter(run) for kind, run in runs.items()}
    while any(not run.done for run in runs.values()):
        kind = min((k for k in KINDS if not runs[k].done), key=lambda k: runs[k].seconds)
        next(turns[kind])
        yield _lap(runs, seconds)


def _run(kind: str, seconds: float, seed: int) -> Run[Any]:
    recipe = judged(live(kind))
    budget = replace(recipe.budget, seconds=seconds, seed=seed)
    return at_hand(lambda: Run(recipe, budget, look_seconds=seconds / LOOKS)).value


def _lap(runs: dict[str, Run[Any]], seconds: float) -> Lap:
    run = runs[CNN]
    n = len(run.splits.valid[0])
    classes = len(run.splits.train[1].unique())
    return Lap({k: _runner(r) for k, r in runs.items()}, seconds, len(run.splits.train[0]), n, classes, run.sampled)


def _runner(run: Run[Any]) -> Runner:
    points = [(p.seconds, p.valid["accuracy"]) for p in run.history if p.valid]
    interval = wilson(points[-1][1], len(run.splits.valid[0])) if points else None
    return Runner(points, run.step, interval)
