"""A log that nobody can fill from outside."""

import io
import logging
from collections.abc import Iterator

import pytest

from demos._ui.limits import LOGGED_CHARACTERS
from demos._ui.serving import log


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root, theirs = logging.getLogger(), logging.getLogger("uvicorn")
    before, kept = root.handlers[:], (theirs.handlers[:], theirs.propagate)
    log.keep_short()
    stream = io.StringIO()
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    root.handlers[:], (theirs.handlers[:], theirs.propagate) = before, kept


def test_a_line_is_short_and_one_line(written: io.StringIO) -> None:
    logging.getLogger("anyone").warning("refused: %s", "x\n" * 300_000)
    (line,) = written.getvalue().splitlines()
    assert len(line) < LOGGED_CHARACTERS + 80 and line.endswith("characters)")


def test_the_same_trouble_comes_once_a_minute(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(words: str) -> None:
        try:
            raise RuntimeError(words)
        except RuntimeError as error:
            logging.getLogger("wavelens").error("a handler failed", exc_info=error)

    for i in range(1000):
        fail(f"of {i} " * 1000)
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    text = written.getvalue()
    assert text.count("a handler failed") == 1 and text.count("Invalid HTTP") == 1 and len(text) < 3000
    assert "RuntimeError: of 0" in text, "and it says where and what"
    monkeypatch.setattr(log, "ONCE_IN_S", 0.0)
    fail("again")
    assert written.getvalue().count("a handler failed") == 2
