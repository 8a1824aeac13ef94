"""The training panel: it can be stopped and used, keeps to its budget, and no late report undoes a Stop."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from demos._ui.training import LONGEST, OFF, Progress, Trainer, training_panel
from models import _checkpoint
from models.mlp import MLP
from training import Recipe, Run


def panel(recipe: Recipe[MLP], **options: Any) -> dict[str, Any]:
    """The panel's handlers by API name, as the page calls them."""
    with gr.Blocks() as blocks:
        training_panel(recipe, use=lambda run: run.best_model(), state=gr.State(None), **options)
    return {str(event.api_name): event.fn for event in blocks.fns.values()}


def buttons(found: Progress) -> list[bool]:
    return [update["interactive"] for update in (found.start, found.stop, found.use)]


def test_training_yields_its_curves_and_can_be_used(recipe: Recipe[MLP], checkpoints: Path) -> None:
    events = panel(recipe)
    *_, end = events["train_tiny"](5, 0)
    assert isinstance(end.run, Run) and end.run.done and "Done." in end.end and "<svg" in end.curves
    assert buttons(end) == [True, False, True]
    model, count, *_ = events["use_tiny"](end.run, 0)
    assert count == 1 and not model.training
    first, *_, last = (p.valid["accuracy"] for p in end.run.history if p.valid)
    assert first < 0.6 < last, "the curve begins before anything is learnt"
    assert recipe.evaluate(model, end.run.splits.valid)["accuracy"] == pytest.approx(max(first, last), abs=0.03)
    with pytest.raises(_checkpoint.CheckpointMissing):
        _checkpoint.card("tiny")  # a visitor's training writes nothing


def test_what_is_chosen_on_the_page_is_trained(recipe: Recipe[MLP]) -> None:
    seen: list[Any] = []

    def choose(*values: Any) -> Recipe[MLP]:
        seen.append(values)
        return recipe

    list(Trainer(recipe, use=Run.best_model, choose=choose).train(5, 0, "cells", 3))
    assert seen == [("cells", 3)]


def test_what_a_run_is_watched_by_comes_with_each_report(recipe: Recipe[MLP]) -> None:
    with gr.Blocks() as blocks:
        place = gr.HTML()
        training_panel(recipe, use=Run.best_model, state=gr.State(None), watch=(lambda run: run.step, place))
    (event,) = [event for event in blocks.fns.values() if event.api_name == "train_tiny"]
    assert event.outputs[-1] is place
    found = list(event.fn(5, 0))  # type: ignore[misc]
    assert found[0][-1] is None, "there is no run yet"
    assert [values[-1] for values in found[1:]] == sorted(values[-1] for values in found[1:]) and found[-1][-1] == 40
    assert all(len(values) == len(event.outputs) for values in found)


def test_the_budget_is_capped(recipe: Recipe[MLP], monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("short", "full"):
        monkeypatch.setenv("WAVELENS_TRAINING", mode)
        *_, end = Trainer(recipe, use=Run.best_model).train(1e9, 0)
        assert end.run.budget.seconds == LONGEST[mode]
    *_, end = Trainer(recipe, use=Run.best_model).train(7, 3)
    assert (end.run.budget.seconds, end.run.budget.seed) == (7, 3)


def test_training_can_be_switched_off(recipe: Recipe[MLP], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", "off")
    with pytest.raises(gr.Error, match="switched off"):
        list(panel(recipe)["train_tiny"](5, 0))
    with gr.Blocks() as blocks:
        training_panel(recipe, use=Run.best_model, state=gr.State(None))
    told = [block.value for block in blocks.blocks.values() if isinstance(block, gr.HTML)]
    assert any(OFF in text for text in told)
    assert not any(block.interactive for block in blocks.blocks.values() if isinstance(block, gr.Button))


def test_trouble_is_told_where_the_training_would_have_been_seen(recipe: Recipe[MLP]) -> None:
    def choose() -> Recipe[MLP]:
        raise ValueError("Choose a picture first.")

    *_, end = Trainer(recipe, use=Run.best_model, choose=choose).train(5, 0)
    assert "Choose a picture first." in end.end and end.run is None and buttons(end) == [True, False, False]


def test_stopping_keeps_what_was_learnt(recipe: Recipe[MLP]) -> None:
    events = panel(recipe)
    training = events["train_tiny"](5, 0)
    next(training)
    next(training)
    run = next(training).run  # the first report is of a look before the first step
    training.close()
    *states, status, end = events["stop_tiny"](run)
    assert [b["interactive"] for b in states] == [True, False, True] and "Stopped." in end
    assert "steps" in status, "also where it waited for a place after an earlier run"
    *states, status, end = events["stop_tiny"](None)
    assert [b["interactive"] for b in states] == [True, False, False] and "before the first step" in end
    with pytest.raises(gr.Error, match="press Start"):
        events["use_tiny"](None, 0)


def test_no_report_before_the_last_fills_what_stop_fills(recipe: Recipe[MLP]) -> None:
    """The page may show Stop's answer first, and the reports that came before it afterwards."""
    *during, _ = map(Progress._make, panel(recipe)["train_tiny"](5, 0))
    assert len(during) >= 2
    for found in during:
        assert all(update == gr.skip() for update in (found.start, found.stop, found.use, found.end))


def test_a_report_on_its_way_does_not_undo_what_stop_has_shown(recipe: Recipe[MLP]) -> None:
    events = panel(recipe)
    training = events["train_tiny"](5, 0)
    next(training)
    run = next(training).run
    events["stop_tiny"](run)
    for late in map(Progress._make, training):
        assert all(update == gr.skip() for update in (late.start, late.stop, late.use, late.status))


def test_back_to_the_shipped_model(recipe: Recipe[MLP]) -> None:
    own, count, back = panel(recipe)["back_tiny"](4)
    assert own is None and count == 5 and back["interactive"] is False
