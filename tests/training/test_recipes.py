"""Every recipe keeps the contract: two steps move every parameter, losses are finite, the headline is measured."""

import importlib
import pkgutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from metrics.sound import pesq_installed
from models import CheckpointMissing, _checkpoint
from training import DataMissing, Metric, Recipe, Run, Splits, catalogue, find, recipes
from training._recipe import ACCURACY, MACRO_F1, accuracy_on, macro_f1_over, off_by, wrong_on

RECIPES = pytest.mark.parametrize("recipe", catalogue().values(), ids=catalogue())


def few(splits: Splits, n: int = 16) -> Splits:
    return Splits(*(tuple(t[:n] for t in arrays) for arrays in splits))


def small_data(recipe: Recipe[Any]) -> Splits:
    try:
        return few(recipe.data())
    except DataMissing as error:
        pytest.fail(
            f"{recipe.name} has nothing to be tested on: write tests/layouts/NAME.py, whose write(root) makes a small "
            f"copy of its source in the upstream's own layout, with every class in the first 16 rows. ({error})"
        )


@RECIPES
def test_two_steps(recipe: Recipe[Any], small_root: object) -> None:
    small = small_data(recipe)
    short = replace(recipe, data=lambda: small, budget=replace(recipe.budget, steps=2, batch_size=16, eval_every=1))
    try:
        run = Run(short)
    except CheckpointMissing as error:
        pytest.skip(f"it starts from weights that are not here: {error}")
    learning = {name: p for name, p in run.model.named_parameters() if p.requires_grad}  # a frozen trunk does not
    before = {name: p.detach().clone() for name, p in learning.items()}
    assert before
    reports = list(run)
    assert all(torch.isfinite(torch.tensor(list(p.losses.values()))).all() for p in reports)
    still = [name for name, p in learning.items() if torch.equal(p, before[name])]
    assert not still, f"never moved: {still}"
    assert recipe.headline.key in run.evaluate(run.splits.test)
    assert _checkpoint.config(run.best_model()), "every constructor argument is kept under its own name"


@pytest.mark.parametrize("file", [m.name for m in pkgutil.iter_modules(recipes.__path__)])
def test_a_recipe_is_called_as_its_file_is(file: str) -> None:
    recipe = importlib.import_module(f"training.recipes.{file}").recipe
    remedy = f"training/recipes/{file}.py holds “{recipe.name}”: call both alike, so that no two recipes share a name"
    assert recipe.name == file and find(file) is recipe, remedy


def test_a_recipe_knows_its_checkpoint(checkpoints: Path, recipe: Recipe[Any]) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit tiny"):
        recipe.checkpoint()
    run = Run(recipe)
    for _ in run:
        pass
    run.save()
    found = recipe.checkpoint()
    assert found.card.recipe == "tiny" and isinstance(found.model, recipe.model.func)  # type: ignore[arg-type]
    assert recipe.checkpoint() is found, "loaded once"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"There are: .*mnist_mlp"):
        find("mnist_mpl")


def test_a_metric_says_how_its_values_read() -> None:
    gain = Metric(key="gain_db", title="gained", unit="dB", format="+.1f")
    assert (gain.number(3.14), gain.text(3.14), gain.label) == ("+3.1", "+3.1 dB", "dB gained")
    assert (ACCURACY.number(0.98765), ACCURACY.text(0.98765), ACCURACY.label) == ("98.77", "98.77 %", "% accuracy")
    assert (MACRO_F1.text(0.5), MACRO_F1.label) == ("0.500", "macro-F1")


def test_a_metric_speaks_plainly() -> None:
    assert ACCURACY.said(0.5) == "50.00 % accuracy" and ACCURACY.direction == "higher is better"
    digits = accuracy_on("digits", classes=10)
    assert (digits.said(0.75), digits.chance) == ("wrong on 25 of 100 digits", "chance: wrong on 9 of 10")
    assert digits.direction == "lower is better", "the words count errors, where the number counts what is right"
    assert macro_f1_over("cells", 4).said(0.644) == "64 of 100 points for telling 4 cells apart"
    assert wrong_on("pairs", 0.0372) == "wrong on 1 of 27 pairs" and wrong_on("pairs", 0) == "wrong on 0 of 100 pairs"
    assert off_by(20) == "off by 10.0 % of full brightness"


@RECIPES
def test_every_headline_has_plain_words(recipe: Recipe[Any]) -> None:
    metric = recipe.headline
    try:
        value = _checkpoint.card(recipe.name).metrics[metric.key]
    except CheckpointMissing:
        value = 0.5
    assert metric.key == "lpips_unweighted" or (metric.words and metric.chance), (
        "say it for somebody who knows no measure"
    )
    assert metric.title not in metric.said(value) or metric.key == "lpips_unweighted"


@RECIPES
def test_what_ships_loads_and_is_small(recipe: Recipe[Any]) -> None:
    try:
        card = _checkpoint.card(recipe.name)
    except CheckpointMissing:
        pytest.skip(f"{recipe.name} has no checkpoint yet")
    assert card.recipe == recipe.name
    assert card.bytes < 10 * 2**20
    assert recipe.headline.key in card.metrics and card.data["n_test"] > 0
    model = recipe.checkpoint().model
    assert all(p.isfinite().all() for p in model.parameters())


@pytest.mark.data
@pytest.mark.slow
@RECIPES
def test_what_ships_is_as_good_as_its_card(recipe: Recipe[Any]) -> None:
    try:
        checkpoint = _checkpoint.load(recipe.model.func, recipe.name)  # type: ignore[arg-type]
        test = recipe.data().test
    except CheckpointMissing:
        pytest.skip(f"{recipe.name} has no checkpoint yet")
    except DataMissing as error:
        pytest.skip(str(error))
    metrics = recipe.evaluate(checkpoint.model, test)
    unmeasured = set() if pesq_installed() else {"pesq"}  # it needs a compiler to install
    expected = {key: value for key, value in checkpoint.card.metrics.items() if key not in unmeasured}
    assert metrics == pytest.approx(expected, abs=2e-4, rel=5e-4)
