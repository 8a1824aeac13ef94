"""What a case sends, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, NamedTuple

Expect = Literal["refuse", "answer", "either"]
"""`refuse`: an answer would be wrong; `answer`: a refusal would be; `either`: both are sensible, if they are clean."""
MARK = "<img src=x onerror=alert(1)>"
"""What must never stand unescaped in a page."""


class File(NamedTuple):
    """A file to upload under a name."""

    name: str
    content: bytes


class Request(NamedTuple):
    """A request as it goes over the wire, past everything that the page would do; `query` is escaped."""

    method: str
    path: str
    content: bytes = b""
    kind: str = "application/json"


@dataclass(frozen=True)
class Thing:
    """One thing to try: a value for a component, files, a whole call (`values`, `event_data`), or a bare request."""

    words: str
    expect: Expect = "either"
    value: Any = None
    files: tuple[File, ...] = ()
    values: tuple[Any, ...] | None = None
    event_data: Any = None
    request: Request | None = None


Kind = Callable[[Random], Thing]
"""A kind of thing, drawn by the case's own generator."""


def fixed(thing: Thing) -> Kind:
    """The same thing for every draw."""
    return lambda draw: thing


def file(words: str, expect: Expect, name: str, content: Callable[[Random], bytes]) -> Kind:
    """One file, made when it is needed."""
    return lambda draw: Thing(words, expect, files=(File(name, content(draw)),))


def flipped(content: bytes, draw: Random, *, among: int | None = None, times: int = 1) -> bytes:
    """`content` with random bytes in the place of some of its first `among`."""
    changed = bytearray(content)
    for _ in range(times):
        changed[draw.randrange(min(among or len(changed), len(changed)))] = draw.randrange(256)
    return bytes(changed)


def cut(content: bytes, draw: Random) -> bytes:
    """The beginning of `content`, at least a byte and at most all but one."""
    return content[: draw.randrange(1, len(content))]
