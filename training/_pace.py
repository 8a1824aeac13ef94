"""How many steps fit into a time: a budget by the clock becomes one that anybody can repeat."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from training._recipe import Budget, Recipe
from training._run import Run

TRIAL_SHARE = 0.1
"""Of the time, at most, that goes into finding out how long a step takes."""
FEWEST, MOST = 3, 50
"""Steps that are timed, of one that is thrown away first: it waits for caches and compilers."""


def by_steps(
    recipe: Recipe[Any],
    budget: Budget,
    *,
    device: str | torch.device = "cpu",
    clock: Callable[[], float] = time.monotonic,
) -> Budget:
    """`budget` with as many steps as its `seconds` hold here and now, looks at validation included, and no clock.

    From a short trial whose net is thrown away, and whose time counts; reading the data does not. One step at least,
    however short the time, and never more than `budget.steps`; as it is where it has no `seconds`. The run itself may
    take a little longer or less than it was asked to.
    """
    if budget.seconds is None:
        return budget
    unseen = replace(budget, seconds=None, eval_every=budget.steps)
    trial = Run(recipe, unseen, device=device, report_seconds=0)
    began, reports, stamps = clock(), iter(trial), []
    while len(stamps) <= MOST and not trial.done:
        next(reports)
        stamps.append(clock())
        if len(stamps) > FEWEST and stamps[-1] - began > TRIAL_SHARE * budget.seconds:
            break
    step = (stamps[-1] - stamps[0]) / max(1, len(stamps) - 1)
    began_look = clock()
    trial.evaluate(trial.splits.valid)
    look = clock() - began_look
    left = budget.seconds - (clock() - began) - look  # the last look comes at the end, whatever its turn
    steps = max(1, int(left / (step + look / (budget.eval_every or budget.steps))))
    return replace(budget, steps=min(steps, budget.steps), seconds=None)
