"""A time becomes a number of steps: with a clock that is known."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from models.mlp import MLP
from training import Arrays, Metrics, Recipe, Run
from training._pace import by_steps


class Clock:
    """Stands still but for what a step and a look take."""

    def __init__(self, recipe: Recipe[MLP], *, step: float, look: float) -> None:
        self.now = 0.0

        def timed_step(*given: object) -> dict[str, torch.Tensor]:
            self.now += step
            return recipe.step(*given)  # type: ignore[arg-type]

        def timed_look(model: nn.Module, split: Arrays) -> Metrics:
            self.now += look
            return recipe.evaluate(model, split)  # type: ignore[arg-type]

        self.recipe = replace(recipe, step=timed_step, evaluate=timed_look)

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("step", "look", "seconds"), [(1.0, 0.0, 100.0), (0.5, 4.0, 300.0), (2.0, 30.0, 1_000.0)])
def test_the_run_that_is_found_takes_about_the_time(
    recipe: Recipe[MLP], step: float, look: float, seconds: float
) -> None:
    clock = Clock(recipe, step=step, look=look)
    budget = replace(recipe.budget, steps=100_000, seconds=seconds)
    found = by_steps(clock.recipe, budget, clock=clock)
    assert found == replace(budget, steps=found.steps, seconds=None)
    for _ in Run(clock.recipe, found, report_seconds=60, clock=lambda: 0.0):
        pass
    assert 0.9 * seconds - look <= clock() <= seconds + look, "the trial and the run together"


def test_a_time_that_is_longer_than_the_recipe_changes_no_step(recipe: Recipe[MLP]) -> None:
    clock = Clock(recipe, step=0.01, look=0.01)
    assert by_steps(clock.recipe, replace(recipe.budget, seconds=3_600.0), clock=clock) == recipe.budget


def test_a_time_too_short_for_the_trial_is_one_step(recipe: Recipe[MLP]) -> None:
    clock = Clock(recipe, step=10.0, look=1.0)
    assert by_steps(clock.recipe, replace(recipe.budget, seconds=1.0), clock=clock).steps == 1


def test_without_a_time_nothing_is_tried(recipe: Recipe[MLP]) -> None:
    assert by_steps(recipe, recipe.budget, clock=lambda: pytest.fail("no trial is needed")) is recipe.budget
