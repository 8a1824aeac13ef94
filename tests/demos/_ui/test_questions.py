"""Questions: the one asked last stands, and what turned out to ask nothing overtakes no one."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import pytest

from demos._ui.events import answering
from demos._ui.questions import Questions


def in_its_midst(outputs: Any, value: Any, meanwhile: Callable[[], Any]) -> Any:
    """What a slow handler's answer comes to where `meanwhile` is asked while it computes."""
    started, may_end = threading.Event(), threading.Event()

    def slow() -> Any:
        started.set()
        assert may_end.wait(10)
        return value

    found: list[Any] = []
    asking = threading.Thread(target=lambda: found.append(answering(slow, outputs)()))
    asking.start()
    assert started.wait(10)
    meanwhile()
    may_end.set()
    asking.join()
    return found[0]


def test_the_slower_first_answer_does_not_replace_the_second() -> None:
    with gr.Blocks():
        one, other = gr.HTML(), gr.HTML()
    found = in_its_midst([one, other], ("slow", "slow"), lambda: answering(lambda: "quick", one)())
    assert found == (gr.skip(), "slow"), "only the place that was asked for again is left alone"


def test_what_changes_nothing_has_asked_nothing() -> None:
    with gr.Blocks():
        place = gr.HTML()
    idle = answering(gr.skip, place)
    assert in_its_midst(place, "slow", lambda: idle() == gr.skip()) == "slow"
    assert in_its_midst(place, "slow", answering(lambda: gr.update(visible=True), place)) == gr.skip()


def test_what_could_not_be_answered_was_asked_all_the_same() -> None:
    def fails() -> None:
        raise ValueError("Choose one.")

    with gr.Blocks():
        place = gr.HTML()

    def refused() -> None:
        with pytest.raises(gr.Error):
            answering(fails, place)()

    assert in_its_midst(place, "slow", refused) == gr.skip()


def test_what_follows_an_idle_handler_overtakes_no_one() -> None:
    with gr.Blocks():
        answer, reasons = gr.HTML(), gr.HTML()
    answering(lambda: "first", answer, "chain a")()
    answering(gr.skip, answer, "chain b")()  # asked later, and nothing
    follow = answering(lambda: "of chain b", reasons, "chain b", follows=True)
    assert follow() == "of chain b", "where nothing else has been asked for, it may be seen"
    assert answering(lambda: "of chain a", reasons, "chain a", follows=True)() == "of chain a"
    assert follow() == gr.skip()


def test_a_report_that_has_been_overtaken_is_left_out() -> None:
    with gr.Blocks():
        status = gr.HTML()

    def reports() -> Iterator[str]:
        yield from ("a", "b")

    steps = answering(reports, status)()
    assert next(steps) == "a"
    answering(lambda: "stopped", status)()
    assert list(steps) == [gr.skip()]


def test_visitors_do_not_overtake_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    questions, here = Questions(), ["ada"]
    monkeypatch.setattr("demos._ui.questions.visitor", lambda: here[0])
    first = questions.ask()
    questions.stand(first, [1, 2])
    here[0] = "bob"
    questions.stand(questions.ask(), [1])
    here[0] = "ada"
    assert not questions.overtaken(first, 1)
    questions.stand(questions.ask(), [2])
    assert questions.overtaken(first, 2) and not questions.overtaken(first, 1)


def test_only_so_many_visitors_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    questions, here = Questions(), [0]
    monkeypatch.setattr("demos._ui.questions.MOST_VISITORS", 3)
    monkeypatch.setattr("demos._ui.questions.visitor", lambda: str(here[0]))
    for visitor in range(9):
        here[0] = visitor
        questions.stand(questions.ask(), [1])
    assert set(questions._last) == {"6", "7", "8"}
