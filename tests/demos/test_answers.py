"""Every event of every tab answers its defaults: as many values as it fills, or a sentence that says what to do."""

import re
from collections.abc import Mapping
from dataclasses import replace
from inspect import isgenerator
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import pytest
from gradio.helpers import special_args
from starlette.requests import Request

import training
from demos import catalogue
from demos._ui import shell
from demos._ui.training import Trainer
from training import Run

TABS = pytest.mark.parametrize("name", catalogue())
VISITOR = gr.Request(Request({"type": "http", "query_string": b"", "headers": []}))


class Answer(NamedTuple):
    """What one event gave to its defaults: what fills its outputs, or the sentence that a visitor is told instead."""

    event: Any
    found: list[Any]
    sentence: str

    def fills(self) -> bool:
        """Whether each thing that it gave is as many values as there are outputs."""
        n = len(self.event.outputs)
        return all(n == 1 or (value is None if n == 0 else len(value) == n) for value in self.found)


def alone(name: str) -> gr.Blocks:
    """The application with no other tab than this one."""
    with gr.Blocks(analytics_enabled=False) as page:
        shell.tabs({name: catalogue()[name]})
    return page


def callable_now(page: gr.Blocks) -> list[Any]:
    """Every event that computes, but for those of a file: there is none to give."""
    return [e for e in page.fns.values() if e.fn and not any(isinstance(b, gr.UploadButton) for b in e.inputs)]


def ask(event: Any, given: Mapping[int, Any]) -> Answer:
    """Call an event with what its inputs hold when the page opens, or with what is `given` in their place."""
    values = [given.get(block._id, getattr(block, "value", None)) for block in event.inputs]
    values, *_ = special_args(event.fn, values, VISITOR, gr.EventData(None, {}))
    try:
        found = event.fn(*values)
        return Answer(event, [next(found)] if isgenerator(found) else [found], "")
    except gr.Error as error:
        return Answer(event, [], error.message)


def held(answers: list[Answer]) -> None:
    """Every answer fills its outputs, or is a sentence that says what to do."""
    wrong = [a for a in answers if not a.fills()]
    assert not wrong, f"not as many values as outputs: {[told(a.event) for a in wrong]}; return a NamedTuple of all"
    sorry = [a for a in answers if "our side" in a.sentence]
    assert not sorry, f"failed, see the log: {[told(a.event) for a in sorry]}; raise a ValueError in words instead"


def told(event: Any) -> str:
    fills = ", ".join(str(getattr(block, "label", None) or type(block).__name__) for block in event.outputs)
    return f"{getattr(event.fn, '__name__', event.api_name)} → {fills}"


@TABS
def test_without_a_checkpoint_or_data_it_says_what_to_do(name: str, checkpoints: Path, no_data: Path) -> None:
    answers = [ask(event, {}) for event in callable_now(alone(name))]
    held(answers)
    said = " ".join(a.sentence or str(a.found) for a in answers)
    remedies = set(re.findall(r"python -m training fit (\w+)", said))
    known = remedies & training.catalogue().keys()
    assert known or not catalogue()[name].recipes, "say how to make the checkpoint: str(CheckpointMissing)"


@TABS
@pytest.mark.slow
def test_what_ships_answers_without_data(name: str, no_data: Path) -> None:
    answers = [ask(event, {}) for event in callable_now(alone(name))]
    held(answers)
    missing = [a.sentence for a in answers if a.sentence.startswith("There is no checkpoint")]
    assert not missing


@TABS
@pytest.mark.slow
def test_a_model_of_ones_own_answers_in_its_place(
    name: str, small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained for two steps on the small layouts, and put where the panel's “use this model here” puts it."""
    events = callable_now(alone(name))
    taking = [event for event in events if str(event.api_name).startswith("use_")]
    for event in taking:
        trainer: Trainer = event.fn.__wrapped__.__self__
        budget = replace(trainer.recipe.budget, steps=2, batch_size=16, eval_every=1)
        run = Run(trainer.recipe, budget)
        list(run)
        own = {event.outputs[0]._id: trainer.use(run)}
        monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))  # what ships knows the whole test set, not the small one
        held([ask(other, own) for other in events if event.outputs[0] in other.inputs])
