"""A log that nobody can fill from outside."""

import io
import logging
import signal
import subprocess
import sys
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
        logging.getLogger("python_multipart").warning(f"Expected boundary character {i}")
    text = written.getvalue()
    assert (
        text.count("a handler failed") == 1
        and text.count("Invalid HTTP") == 1
        and text.count("boundary") == 1
        and len(text) < 3000
    )
    assert "RuntimeError: of 0" in text, "and it says where and what"
    monkeypatch.setattr(log, "ONCE_IN_S", 0.0)
    fail("again")
    assert written.getvalue().count("a handler failed") == 2


PROGRAM = """
import logging, os, sys
from demos._ui.serving import log
log.hush_libraries(); log.keep_short()
os.write(2, b"from a library")
print("from us", file=sys.stderr)
logging.getLogger("wavelens").warning("and from the log")
os.abort()
"""


def test_libraries_in_c_are_not_heard_and_a_death_is() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert "from us" in done.stderr and "and from the log" in done.stderr and "from a library" not in done.stderr
    assert done.returncode == -signal.SIGABRT and "Fatal Python error: Aborted" in done.stderr
