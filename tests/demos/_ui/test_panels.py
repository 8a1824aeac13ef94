"""The panels that every tab shares: the card tells what the file tells, and training can be stopped and used."""

from pathlib import Path

import gradio as gr
import pytest

from demos._ui.charts import line_chart, per_cent
from demos._ui.panels import card_text, headline, training_panel
from models import _checkpoint
from models.mlp import MLP
from training._recipe import Recipe
from training._run import Run


def handlers(blocks: gr.Blocks) -> dict[str, object]:
    return {str(event.api_name): event.fn for event in blocks.fns.values()}


def panel(recipe: Recipe[MLP]) -> dict[str, object]:
    with gr.Blocks() as blocks:
        training_panel(recipe, use=lambda run: run.finished(), state=gr.State(None))
    return handlers(blocks)


def test_the_card_quotes_the_file(recipe: Recipe[MLP], checkpoints: Path) -> None:
    assert "python -m training fit tiny" in card_text(recipe, "none") and "not trained yet" in headline(recipe)
    run = Run(recipe)
    for _ in run:
        pass
    card = run.save()
    text = card_text(recipe, "none")
    assert card.metrics["accuracy"] != card.validation["accuracy"]
    low, high = (100 * card.intervals["accuracy"][end] for end in ("low", "high"))
    assert f"{100 * card.metrics['accuracy']:.2f} % accuracy</b>, 95 % interval {low:.2f} to {high:.2f}" in text
    assert f"{card.parameters:,} parameters" in text and "one seed" in text and "Blobs" in text
    assert f"<b>{100 * card.metrics['accuracy']:.2f}</b>" in headline(recipe) and "n = 57" in headline(recipe)
    (checkpoints / "tiny" / "card.json").write_text("{")
    assert "damaged" in headline(recipe) and "damaged" in card_text(recipe, "none")


def test_training_yields_its_curves_and_can_be_used(recipe: Recipe[MLP], checkpoints: Path) -> None:
    events = panel(recipe)
    steps = list(events["train_tiny"](5, 0))  # type: ignore[operator]
    run = steps[-1][0]
    assert isinstance(run, Run) and run.done and "done" in steps[-1][4] and "<svg" in steps[-1][5]
    model, count, *_ = events["use_tiny"](run, 0)  # type: ignore[operator]
    assert count == 1 and not model.training
    assert (
        run.best
        and run.best.step < run.step
        and recipe.evaluate(model, run.splits.valid) != recipe.evaluate(run.averaged.eval(), run.splits.valid)
    ), "the best weights, which are not the last"
    with pytest.raises(_checkpoint.CheckpointMissing):
        _checkpoint.card("tiny")  # a visitor's training writes nothing


@pytest.mark.parametrize(("mode", "longest"), [("short", 60), ("full", 600)])
def test_nobody_trains_for_longer_than_the_server_allows(
    recipe: Recipe[MLP], monkeypatch: pytest.MonkeyPatch, mode: str, longest: int
) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", mode)
    events = panel(recipe)
    for asked, allowed in ((20, 20), (longest, longest), (10 * longest, longest)):
        updates = list(events["train_tiny"](asked, 7))  # type: ignore[operator]
        (run, *_) = [value for value in updates[-1] if isinstance(value, Run)]
        assert run.done and run.budget.seconds == allowed and run.budget.seed == 7


def test_where_training_is_off_nothing_trains(recipe: Recipe[MLP], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", "off")
    with pytest.raises(gr.Error, match="WAVELENS_TRAINING=off"):
        list(panel(recipe)["train_tiny"](5, 0))  # type: ignore[operator]


def test_stopping_keeps_what_was_learnt(recipe: Recipe[MLP]) -> None:
    events = panel(recipe)
    training = events["train_tiny"](5, 0)  # type: ignore[operator]
    next(training)
    run = next(training)[0]
    training.close()
    *buttons, status = events["stop_tiny"](run)  # type: ignore[operator]
    assert [b["interactive"] for b in buttons] == [True, False, True] and "stopped" in status
    training = events["train_tiny"](5, 0)  # type: ignore[operator]
    next(training)
    run = next(training)[0]
    events["stop_tiny"](run)  # type: ignore[operator]
    late = list(training)
    assert len(late) == 1 and "stopped" in late[0][4], "a report on its way does not undo what Stop has shown"
    assert [b["interactive"] for b in late[0][1:4]] == [True, False, True] and not run.done
    *buttons, status = events["stop_tiny"](None)  # type: ignore[operator]
    assert [b["interactive"] for b in buttons] == [True, False, False]
    with pytest.raises(gr.Error, match="press Start"):
        events["use_tiny"](None, 0)  # type: ignore[operator]


def test_a_line_chart() -> None:
    points = [(0.0, 1.0), (1.0, 0.1), (2.0, 0.01)]
    text = line_chart(points, title="loss", x_label="seconds", log=True)
    assert "0.0,0.0 240.0,75.0 480.0,150.0" in text and "0.01" in text
    assert "<svg" not in line_chart(points[:1], title="loss", x_label="seconds")
    assert "<svg" in line_chart([(0, 1), (1, 1)], title="flat", x_label="seconds")
    assert "nan" not in line_chart([*points, (3.0, float("nan"))], title="loss", x_label="seconds")


def test_per_cent_never_rounds_a_doubt_away() -> None:
    assert [per_cent(p) for p in (1.0, 0.99999, 0.5, 1e-6, 0.0)] == ["100 %", "> 99.9 %", "50.0 %", "< 0.1 %", "0 %"]
