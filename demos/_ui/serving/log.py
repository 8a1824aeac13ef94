"""The server's log, which nobody can fill from outside: short lines, and the same trouble once a minute."""

import faulthandler
import logging
import os
import sys
import time
import traceback
from threading import Lock

from demos._ui.limits import LOGGED_CHARACTERS

ONCE_IN_S = 60.0
MOST_KINDS = 500
OURS = "wavelens"
LINES = 40
"""Of a traceback, the last so many lines."""


class Short(logging.Formatter):
    """A line a record, cut to `LOGGED_CHARACTERS`, and below it the end of the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in words."""
        words = " ".join(record.getMessage().split())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower()}: {shortened(words)}"
        if record.exc_info and record.exc_info[1] is not None:
            trace = "".join(traceback.format_exception(record.exc_info[1])).splitlines()
            line += "".join(f"\n  {shortened(text)}" for text in trace[-LINES:])
        return line


class OnceAMinute(logging.Filter):
    """Lets a kind of line through once in `ONCE_IN_S`.

    A kind is a logger's level, in this house's own log the words to be filled in, and the exception with its place.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, ...], float] = {}
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is written."""
        error = record.exc_info[1] if record.exc_info else None
        kind = (record.name, record.levelname, str(record.msg) if record.name == OURS else "")
        if error is not None:
            last = traceback.extract_tb(error.__traceback__)[-1:]
            kind = (*kind, type(error).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in last))
        now = time.monotonic()
        with self._lock:
            if now - self._last.get(kind, float("-inf")) < ONCE_IN_S:
                return False
            if len(self._last) >= MOST_KINDS:
                self._last.clear()
            self._last[kind] = now
        return True


def hush_libraries() -> None:
    """Leave the standard error to Python: what libraries in C say of a visitor's file is nothing for the log.

    Call it once, first of all. If the process dies by a signal, Python says where.
    """
    own = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = os.fdopen(own, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    faulthandler.enable()


def keep_short() -> None:
    """Write all logs of this process to the standard error so."""
    handler = logging.StreamHandler()
    handler.setFormatter(Short())
    handler.addFilter(OnceAMinute())
    logging.getLogger().handlers[:] = [handler]
    for name in ("uvicorn", "uvicorn.error"):  # which have a handler of their own
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def shortened(words: str, at_most: int = LOGGED_CHARACTERS) -> str:
    """The beginning of what may be long."""
    return words if len(words) <= at_most else f"{words[:at_most]} … ({len(words):,} characters)"
