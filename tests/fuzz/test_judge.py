"""A judge that cannot condemn is worth nothing: made-up answers, one at least for each verdict."""

from typing import Any

import pytest

from benchmarks._wire import Reply
from demos._ui.events import APOLOGY, as_gradio_error
from demos._ui.serving.offered import NOT_OFFERED
from tests.fuzz.judge import BAD, FORGIVEN, GOOD, OURS, Heard, judge
from tests.fuzz.things import MARK, Expect

UPLOAD = {
    "path": "/tmp/gradio/abc/x.wav",
    "url": "http://h/file=/tmp/gradio/abc/x.wav",
    "meta": {"_type": "gradio.FileData"},
}
TRACE = ["Traceback (most recent call last):", '  File "/srv/app/demos/digits/tab.py", line 3, in f', "KeyError: None"]


def answered(*outputs: Any, seconds: float = 0.1) -> Reply:
    end = {"msg": "process_completed", "success": True, "output": {"data": list(outputs)}}
    return Reply(200, seconds, messages=(end,), outputs=outputs)


def refused(words: str | None, title: str | None = OURS) -> Reply:
    end = {"msg": "process_completed", "success": False, "output": {"error": words, "title": title}}
    return Reply(200, 0.1, messages=(end,))


def verdict(*replies: Reply, expect: Expect = "either", fills: tuple[str, ...] = ("html",), **left: Any) -> str:
    found = judge(Heard(expect, replies, [fills] * len(replies), **left))
    assert found.word in GOOD + BAD and found.fails == (found.word in BAD and found.word not in FORGIVEN)
    return found.word


def test_a_sentence_of_ours_is_known_by_its_title() -> None:
    error = as_gradio_error(ValueError("Bring a file first."))
    assert error.title == OURS


def test_what_is_as_it_should_be() -> None:
    assert verdict(answered("<b>It is a 7.</b>")) == "right"
    assert verdict(answered("a"), answered("b"), expect="answer") == "right"
    assert verdict(refused("This file is empty. Bring another."), expect="refuse", log=["told to a visitor"]) == "clear"
    assert verdict(refused("Value 3 is not in the list", "Error"), expect="refuse") == "by Gradio"
    assert verdict(refused(None, None)) == verdict(Reply(422, 0.1, body='{"detail": []}')) == "by Gradio"
    assert verdict(Reply(429, 0.1, body='{"detail": "Too many wait. Try again in a minute."}')) == "by Gradio"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(0, 1.0, body="ReadError"),
        Reply(500, 1.0, body="Internal Server Error"),
        Reply(200, 90.0, late=True),
        Reply(502, 1.0),
    ],
    ids=["connection", "500", "late", "502"],
)
def test_a_crash(reply: Reply) -> None:
    assert verdict(reply) == "crash"


def test_a_dead_server_is_a_crash_whatever_was_answered() -> None:
    assert verdict(answered("fine"), alive=False) == "crash"
    assert verdict(answered("fine"), Reply(0, 0.1)) == "crash"


@pytest.mark.parametrize(
    "text",
    [
        "It lies in /srv/app/checkpoints/x.",
        "C:\\Users\\x\\file",
        'Traceback (most recent call last)',
        '  File "app.py", line 30, in main',
        "<p>/home/somebody/data/file</p>",
    ],
)  # fmt: skip
def test_a_path(text: str) -> None:
    assert (
        verdict(answered(text))
        == verdict(refused(text))
        == verdict(answered({"__type__": "update", "value": [text]}))
        == "path"
    )


def test_no_path() -> None:
    assert verdict(answered(UPLOAD, "and/or 1/2 of https://example.org/a/b <b/>")) == "right"
    assert verdict(answered("data:image/png;base64,AAA/srv/app/x/AAAA")) == "right"
    assert verdict(refused("There is no file /etc/passwd/x here."), sent=["/etc/passwd/x"]) == "clear"


def test_a_page_past_everything() -> None:
    page = "<script>a=/\\n/.test(b)</script><link href=/theme.css>"
    assert verdict(answered(page), fills=()) == "right"
    assert judge(Heard("either", [answered("in /home/x/app.py")])).word == "path"
    assert judge(Heard("either", [Reply(404, 0.1, body="no /usr/lib/python3 here")])).word == "path"


def test_markup() -> None:
    assert verdict(answered(f"<b>{MARK}</b>")) == "markup"
    assert verdict(answered({"words": [MARK]})) == "markup", "a template puts it into the page"
    assert verdict(answered({"__type__": "update", "label": MARK}), fills=("button",)) == "markup"
    assert verdict(answered(MARK), fills=("textbox",)) == "right", "a text field shows it as it is"
    assert verdict(answered(MARK.replace("<", "&lt;"))) == "right"


def test_silently_wrong() -> None:
    assert verdict(answered("It is a 7."), expect="refuse") == "silent"
    for text in ("<td>nan</td>", "−inf dB", "net-None.zip", "None", "<b>nan dB</b>", "1, nan"):
        assert verdict(answered(text)) == "silent", text
    for text in ("the nanny’s infant", "None of them", "info", "a “nan” is a gap", "banana"):
        assert verdict(answered(text)) == "right", text


@pytest.mark.parametrize(
    "words",
    [
        APOLOGY,
        "",
        "could not read the file.",
        "Invalid literal for int() with base 10.",
        "There was a KeyError.",
        "'NoneType' object has no attribute 'x'.",
        "It is nan dB.",
        "File is broken",
        "Unhashable type: unhashable type: 'list'.",
        "Give a number. " * 60,
    ],
)
def test_unclear(words: str) -> None:
    assert verdict(refused(words)) == "unclear"


def test_unclear_in_the_page_and_in_the_log() -> None:
    assert verdict(answered(f"<p>{APOLOGY}</p>")) == "unclear"
    assert verdict(refused(None, None), log=TRACE) == "unclear"


def test_unkind_is_a_refusal_of_what_is_good() -> None:
    assert verdict(refused("This file is empty. Bring another."), expect="answer") == "unkind"
    assert verdict(Reply(413, 0.1, body="too large"), expect="answer") == "unkind"
    assert verdict(answered("a picture"), refused(NOT_OFFERED)) == "unkind", "the page sent what it was given"
    assert verdict(refused(NOT_OFFERED)) == "clear"


def test_what_a_refusal_may_leave_in_the_log() -> None:
    words = "This file is empty. Bring another."
    assert verdict(refused(words), log=["a", "b", "c"]) == "clear"
    assert verdict(refused(words), log=["a", "b", "c", "d"]) == "log"
    assert verdict(refused(words), log=["x" * 2001]) == "log"
    assert verdict(refused(words), log=["Traceback (most recent call last):"]) == "log"
    assert verdict(answered("fine"), log=TRACE) == "log"


def test_what_it_took() -> None:
    assert verdict(answered("fine"), seconds=11.0) == "slow"
    assert verdict(answered("fine"), grown_bytes=3 * 2**30) == "fat"


def test_a_case_has_its_worst_verdict() -> None:
    assert verdict(answered(MARK, "/home/x/y/z"), expect="refuse", seconds=60.0) == "path"
    assert verdict(answered(f"{MARK} nan"), log=TRACE) == "markup"
    assert verdict(refused(APOLOGY), log=TRACE, seconds=60.0) == "unclear"
