"""Wires: trouble told in a sentence, everything that computes in a queue, and the one asked for last stands."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
import torch

from demos._ui.events import APOLOGY, PATH, QUEUES, TOLD, USER_ERRORS, Wire, answering
from models import CheckpointDamaged, CheckpointMissing
from training import DataDamaged, DataMissing, TrainingDiverged


def built(wire: Wire, *, api: str | None = None, listed: bool = True, then: Wire | None = None) -> list[Any]:
    """The events of a page with one button that this wire answers."""
    with gr.Blocks() as blocks:
        chain = wire.on(gr.Button("Go").click, api=api, listed=listed)
        if then:
            chain.then(then)
    return list(blocks.fns.values())


def doubled(x: float = 1) -> float:
    return 2 * x


def test_a_wire_says_where_it_waits_and_who_may_call_it() -> None:
    for queue, options in QUEUES.items():
        (event,) = built(Wire(doubled, queue=queue))
        assert event.api_visibility == "private" and event.queue == (queue != "at once")
        assert event.concurrency_id == options.get("concurrency_id", event.concurrency_id)
        assert event.concurrency_limit == options.get("concurrency_limit", event.concurrency_limit)
    (event,) = built(Wire(doubled), api="double")
    assert (event.api_name, event.api_visibility, event.trigger_mode) == ("double", "public", "once")
    assert built(Wire(doubled), api="double", listed=False)[0].api_visibility == "undocumented"
    _, follow = built(Wire(doubled), then=Wire(doubled))
    assert follow.api_visibility == "private" and follow.trigger_mode == "always_last"


def test_of_what_is_no_button_the_last_is_answered() -> None:
    with gr.Blocks() as blocks:
        Wire(doubled).on(gr.Slider(label="x").input)
        Wire(doubled, queue="live").on(gr.Slider(label="x").input)
    assert [event.trigger_mode for event in blocks.fns.values()] == ["always_last", "multiple"]


def test_one_place_at_most_shows_that_an_answer_is_on_its_way() -> None:
    with gr.Blocks() as blocks:
        state, plain, live = gr.State(), gr.HTML(), gr.HTML(elem_classes=["wl-live"])
        Wire(doubled, outputs=[state, plain, live]).on(state.change).then(
            Wire(doubled, outputs=[state, plain]), Wire(doubled, outputs=live)
        )
        Wire(doubled, outputs=[state, plain]).on(plain.change)
        Wire(doubled).on(plain.click)
    shown = [event.show_progress_on for event in blocks.fns.values()]
    assert shown == [[live], [], [live], [plain], []], "never None, which is every output"


def test_a_script_alone_waits_nowhere() -> None:
    (event,) = built(Wire(None, script="() => 1"))
    assert event.fn is None and event.js == "() => 1"


def test_trouble_is_told_and_surprises_are_apologised_for(caplog: pytest.LogCaptureFixture) -> None:
    def fails(error: Exception) -> None:
        raise error

    with pytest.raises(gr.Error, match="Draw one digit"):
        answering(fails)(ValueError("Draw one digit."))
    with pytest.raises(gr.Error, match="our side"):
        answering(fails)(KeyError("secret"))
    assert "secret" in caplog.text

    def generator() -> Iterator[int]:
        yield 1
        raise ValueError("No more.")

    steps = answering(generator)()
    assert next(steps) == 1
    with pytest.raises(gr.Error, match="No more"):
        next(steps)


PLACE = "/home/somebody/.cache/wavelens/an4"
TROUBLE = [
    DataMissing(f"{PLACE} is not here. It belongs to AN4 (http://example.org/an4.tar.gz)."),
    DataDamaged(f"{PLACE}/a.wav is damaged (Error opening {PLACE}/a.wav: unknown format). Delete it."),
    CheckpointDamaged("Checkpoint “x” is damaged: Restore it (git checkout checkpoints/x)"),
    FileNotFoundError(2, "No such file or directory", PLACE),
    PermissionError(13, "Permission denied", "C:\\Users\\somebody\\x.bin"),
    ConnectionError("HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded"),
    ValueError(f"The file {PLACE}/x.wav cannot be read."),
    ValueError("could not convert string to float: 'abc'"),
    TrainingDiverged(f"The loss stopped being a number, see {PLACE}/log.txt"),
    CheckpointMissing(f"There is nothing in ~/somebody/checkpoints: see {PLACE}"),
    RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
    *(kind("/srv/app/secret is the place") for kind in USER_ERRORS),
]


@pytest.mark.parametrize("error", TROUBLE, ids=lambda error: f"{type(error).__name__}: {str(error)[:30]}")
def test_no_folder_and_no_foreign_word_reaches_a_visitor(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise error

    with caplog.at_level("INFO", "wavelens"), pytest.raises(gr.Error) as told:
        answering(fails)()
    said = str(told.value.message)
    assert said in {*TOLD.values(), APOLOGY} and not PATH.search(said)
    assert str(error) in caplog.text, "whoever keeps the server reads all of it"


@pytest.mark.parametrize(
    "words",
    [
        "Too short: 0.2 s. Record 2 s or more.", "Use N/S/V, or 1/2 of it.", "See https://example.org/a/b for it.",
        "There is no checkpoint “x” yet. Make it with: python -m training fit x", "No and/or: choose .hea and .dat.",
    ],
)  # fmt: skip
def test_our_own_sentences_are_told_as_they_are(words: str) -> None:
    def fails() -> None:
        raise ValueError(words)

    with pytest.raises(gr.Error) as told:
        answering(fails)()
    assert told.value.message == words


def test_the_words_of_a_librarys_value_error_are_not_told() -> None:
    with pytest.raises(gr.Error, match="our side"):
        answering(torch.nn.functional.interpolate)(torch.zeros(1, 1, 4))
