"""The crowd judges truly: an answer of somebody else’s is wrong, silence is lost, and memory that grows is not flat."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from benchmarks._wire import Reply, Session, Studio
from benchmarks.load import crowd, found, questions
from benchmarks.load.crowd import Asked
from benchmarks.load.questions import Heard, Question
from demos._ui.serving import line

BODY = '{"detail": "Very many are asking just now. Try again in a minute."}'


def answered(*outputs: Any, messages: tuple[dict[str, Any], ...] = ()) -> Reply:
    return Reply(200, 0.1, messages=(*messages, {"msg": "process_completed", "success": True}), outputs=outputs)


def refused(words: str | None) -> Reply:
    return Reply(200, 0.1, messages=({"msg": "process_completed", "success": False, "output": {"error": words}},))


def question(expected: Any = "mine", heard: Heard | None = None, kind: str = "digit") -> Question:
    async def ask(session: Session) -> Heard:
        assert heard is not None
        return heard

    return Question(kind, expected, ask)


@pytest.mark.parametrize(
    ("reply", "found", "came"),
    [
        (answered("mine"), "mine", "right"),
        (answered("another's"), "another's", "wrong"),
        (answered(None), None, "wrong"),
        (refused("Very many are asking just now. Try again in a minute."), None, "refused"),
        (Reply(429, 0.1, body=BODY), None, "refused"),
        (Reply(503, 0.1, body=BODY), None, "refused"),
        (refused(None), None, "lost"),
        (refused("KeyError"), None, "lost"),
        (Reply(500, 0.1, body="Something is wrong with the server."), None, "lost"),
        (Reply(0, 0.1, body="ReadError"), None, "lost"),
        (Reply(200, 180.0, late=True), None, "lost"),
    ],
)
def test_what_came_of_a_question(reply: Reply, found: Any, came: str) -> None:
    assert crowd.outcome(question(), Heard([reply], found))[0] == came


def test_the_last_reply_counts() -> None:
    assert crowd.outcome(question(), Heard([answered("x"), refused(None)], None))[0] == "lost"


def test_pictures_are_compared_pixel_for_pixel() -> None:
    mine = question(np.full((4, 4, 3), 100, np.uint8))
    assert mine.is_own(np.full((4, 4, 3), 101, np.uint8)) and not mine.is_own(np.full((4, 4, 3), 103, np.uint8))
    assert not mine.is_own(np.full((4, 5, 3), 100, np.uint8)) and not mine.is_own(None)


def test_two_clients_that_ask_the_same_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("digit", "mixture", "picture", "ecg"):
        monkeypatch.setattr(questions, name, lambda i, name=name: question(f"{name} {i}", kind=name))
    assert [len(own) for own in questions.questions(3)] == [4, 4, 4]
    monkeypatch.setattr(questions, "ecg", lambda i: question("the same", kind="ECG"))
    with pytest.raises(ValueError, match="Two clients ask the same ECG"):
        questions.questions(3)


@pytest.mark.slow
@pytest.mark.parametrize("make", [questions.digit, questions.mixture, questions.picture, questions.ecg])
def test_no_client_could_take_anothers_answer_for_its_own(make: Callable[[int], Question]) -> None:
    first, second, far = make(0), make(1), make(40)
    assert first.is_own(make(0).expected)
    assert not any(a.is_own(b.expected) for a, b in ((first, second), (second, first), (first, far)))


def test_memory_is_flat_or_not() -> None:
    assert found.growth([(t, 1000.0) for t in range(100)]) == 0
    assert found.growth([(t, 1000.0 + 10 * t) for t in range(100)]) > found.FLAT
    assert found.growth([(t, min(1000.0, 500 + 20 * t)) for t in range(100)]) == 0, "what grows at first is nothing"
    assert found.growth([(t, 1000.0 - 5 * t) for t in range(100)]) > found.FLAT


def test_claims_are_missed_where_they_should_be() -> None:
    flat = [(float(t), 1000.0) for t in range(20)]
    asked = [Asked(0.0, "digit", "right", 1.0, None), Asked(0.0, "ECG", "refused", 1.0, None, "Try again.")]
    assert all(claim["met"] for claim in found.claims(asked, flat))
    for bad in ("wrong", "lost"):
        worse = [*asked, Asked(0.0, "digit", bad, 1.0, None)]
        assert [claim["met"] for claim in found.claims(worse, flat)].count(False) == 1
    assert found.counted(asked)["rows"][-1] == ["all", 2, 1, 1, 0, 0]


def test_waits_are_told_or_not() -> None:
    said = line.WAITING.format(n="3 are", wait=line.spoken(12))
    assert crowd.told([answered("x", messages=({"msg": "log", "log": said},))]) == 15
    said = line.WAITING.format(n="3 are", wait=line.spoken(150))
    assert crowd.told([answered("x", messages=({"msg": "log", "log": said},))]) == 180
    assert crowd.told([answered("x")]) is None
    asked = [Asked(0.0, "digit", "right", 10.0, 12.0), Asked(0.0, "digit", "right", 20.0, None)]
    assert found.waits(asked).startswith("2 answers took longer than 5 s; of 1 it was said beforehand how long")
    assert found.waits([]) == "No answer took longer than 5 s."


def test_a_client_asks_no_faster_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "PAUSE_SECONDS", 0.1)
    own = [question("mine", Heard([answered("mine")], "mine"), kind) for kind in crowd.MIX]
    session = Session(httpx.AsyncClient(), Studio({}, {}), "a")
    asked = asyncio.run(crowd.visit(session, own, time.perf_counter(), 0.55, seed=1))
    assert 3 <= len(asked) <= 6 and {one.outcome for one in asked} == {"right"}
    assert all(b.at - a.at >= 0.09 for a, b in itertools.pairwise(asked))
