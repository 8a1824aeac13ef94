"""What the house's own widgets hand over (drawings, picked pictures, spots, pieces of sound), forged; and files that are none."""

import base64
import math
from collections.abc import Callable
from random import Random
from typing import Any

from benchmarks._wire import Component, file_data
from tests.fuzz import pictures
from tests.fuzz.controls import LONG
from tests.fuzz.pictures import address, scene, written
from tests.fuzz.things import MARK, Expect, Kind, Thing, cut, fixed, flipped

PNG = "data:image/png;base64,"


def _kind(value: Any, words: str, expect: Expect = "either") -> Kind:
    return fixed(Thing(words, expect, value))


def _made(words: str, make: Callable[[Random], Any], expect: Expect = "either") -> Kind:
    return lambda draw: Thing(words, expect, make(draw))


def _as_address(kind: Kind) -> Kind:
    """A picture file as a `data:` address."""

    def made(draw: Random) -> Thing:
        thing = kind(draw)
        return Thing(f"an address: {thing.words}", "either", address(thing.files[0].content))

    return made


ANYTHING: tuple[Kind, ...] = tuple(
    _kind(value, f"{value!r}" if len(repr(value)) < 40 else words)
    for value, words in (
        (None, ""), (0, ""), (-1, ""), (1.5, ""), (True, ""), ("", ""), (" ", ""), ("abc", ""), ([], ""), ({}, ""), ([[]], ""), ([None], ""),
        (math.nan, ""), (math.inf, ""), (10**30, ""), (MARK, ""), ("None", ""), ({"value": None}, ""), ([1, 2, 3], ""), ({"a": {"b": {}}}, ""),
        (LONG, "300,000 letters"), ([[0.5, 0.5]] * 100_000, "100,000 points"), ({f"k{i}": i for i in range(5000)}, "5,000 keys"),
        ([[[[[[[[[[[[]]]]]]]]]]]], "nested lists"), ("\x00", ""), ("‮\ud83c\udfb5", ""),
    )
)  # fmt: skip
ADDRESSES: tuple[Kind, ...] = (
    _made("a drawing", lambda d: address(written(scene(28, 28, d.randrange(99)).convert("L")))),
    _kind("data:,", "an empty address"), _kind("data:image/png;base64", "an address without a body"),
    _kind(PNG, "an address of nothing"), _kind(PNG + "!!!!", "an address that is no base64"),
    _kind(PNG + "AAAA", "an address of three bytes"), _kind("data:text/html;base64,PGI+", "an address of HTML"),
    _kind("data:image/svg+xml;base64,PHN2Zy8+", "an address of an SVG"), _kind("http://127.0.0.1:9/x.png", "a web address"),
    _kind("file:///etc/passwd", "a file's address"), _kind(f"data:image/png;{MARK},", "an address with markup"),
    _kind("/etc/passwd", "a path"), _kind(PNG + "A" * 3_000_000, "an address of 3 MB"),
    _kind(PNG + "A" * 31_000_000, "an address of 31 MB"), _kind(PNG.upper(), "an address in capitals"),
    _made("an address cut short", lambda d: address(cut(written(scene()), d))),
    _made("an address with bytes flipped", lambda d: address(flipped(written(scene()), d, times=6))),
    _made("an address whose letters are changed", lambda d: PNG + flipped(address(written(scene()))[len(PNG):].encode(), d, times=4).decode("latin-1")),
    *map(_as_address, (pictures.KINDS[i] for i in range(0, len(pictures.KINDS), 5))),
)  # fmt: skip
PICKED: tuple[Kind, ...] = (
    *(
        _kind(value, f"a pick of {str(value)[:60]}")
        for value in (
            {"key": "", "src": ""}, {"key": None, "src": None}, {"key": 1, "src": 2}, {"key": "nobody knows this", "src": ""},
            {"key": "../../etc/passwd", "src": ""}, {"key": MARK, "src": MARK}, {"src": "http://127.0.0.1:9/x.png"}, {"key": []},
            {"key": {"a": 1}, "src": [1]}, {"key": "x", "src": "data:image/png;base64,AAAA"}, {"key": LONG}, {"key": "nan"},
            {"key": "test:-1"}, {"key": "0"}, {"key": "test 99999999"}, {"key": "upload", "src": None}, {"key": "abc:def:ghi"},
        )
    ),
    _made("a pick of a drawing", lambda d: {"key": "", "src": address(written(scene(64, 64, d.randrange(99))))}),
    _made("a pick under a known picture's key", lambda d: {"key": "0", "src": address(written(scene(64, 64)))}),
    _made("a pick with markup and a drawing", lambda d: {"key": MARK, "src": address(written(scene(64, 64)))}),
)  # fmt: skip
SPOTS: tuple[Kind, ...] = tuple(
    _kind(value, f"a spot of {value!r}"[:60])
    for value in ("0.5 0.5", "0 0", "1 1", "-1 2", "nan nan", "inf -inf", "0.5", "0.5 0.5 0.5", "a b", "1e308 1e308", " ", "0,5 0,5", "0x1 0x1", "½ ½", "1e999 0", "0.5\x000.5")
)  # fmt: skip


def _piece(**changes: Any) -> dict[str, Any]:
    """A piece of sound as the live microphone's page hands it over, with something changed."""
    piece = {
        "pcm": base64.b64encode(bytes(16_000)).decode(),
        "rate": 16_000,
        "n": 0,
        "hear": False,
        "first": True,
        "last": False,
    }
    return piece | changes


def _seconds(seconds: float, rate_hz: int) -> str:
    return base64.b64encode(bytes(2 * int(seconds * rate_hz))).decode()


PIECES: tuple[Kind, ...] = (
    _kind(_piece(), "a piece of sound"),
    *(
        _kind(_piece(**{key: value}), f"a piece whose {key} is {value!r}"[:60])
        for key, value in (
            ("rate", math.nan), ("rate", math.inf), ("rate", -1), ("rate", 0), ("rate", "abc"), ("rate", None), ("rate", 384_000.5), ("rate", 10**30),
            ("rate", []), ("rate", 3_999), ("rate", 384_000), ("pcm", None), ("pcm", 5), ("pcm", []), ("pcm", "!!"), ("pcm", "AAA"), ("pcm", "AA=="),
            ("pcm", ""), ("pcm", {}), ("n", None), ("n", "abc"), ("n", math.nan), ("n", MARK), ("n", [[]]), ("hear", "yes"), ("hear", []),
            ("first", None), ("last", "x"), ("last", True), ("first", 7),
        )
    ),
    _kind(_piece(pcm=_seconds(60, 48_000), rate=48_000), "a minute in one piece"),
    _kind(_piece(pcm=_seconds(60, 16_000), rate=384_000), "more in one piece than its rate should let through"),
    _kind({"rate": 16_000}, "a piece without sound"), _kind({"pcm": ""}, "a piece without a rate"), _kind([_piece()], "a list of pieces"),
)  # fmt: skip
WIDGETS = ANYTHING + ADDRESSES + PICKED + SPOTS + PIECES
"""For whatever the page's own widgets hand over."""


def widgets(component: Component) -> tuple[Kind, ...]:
    return WIDGETS


def other(component: Component) -> tuple[Kind, ...]:
    """For a component that nobody has thought of here: whatever JSON can say."""
    return ANYTHING


def forged_files(component: Component) -> tuple[Kind, ...]:
    """For a component that takes files: what names none of the visitor's own."""
    paths = (
        "/etc/passwd", "/etc/hostname", "../../etc/passwd", "file:///etc/passwd", "app.py", "./app.py", "/proc/self/environ", "/dev/zero", "/dev/stdin",
        "/", "/tmp", "", " ", ".", "\x00", "/etc/passwd\x00.wav", "http://127.0.0.1:9/x.wav", "https://127.0.0.1:9/", "ftp://127.0.0.1:9/", "//127.0.0.1:9/x",
        "~/.bashrc", "C:\\Windows\\win.ini", "a" * 5000, "/tmp/gradio/" + "0" * 64 + "/x.wav", MARK,
    )  # fmt: skip
    named = [_kind(file_data(path, "x.wav"), f"a file at {path!r}"[:70], "refuse") for path in paths]
    changed = [
        _kind(value, f"a file that is {str(value)[:50]}", "either" if value in ([], {}, "") else "refuse")
        for value in (
            file_data(None, "x"), file_data(5, "x"), file_data([], "x"), file_data({}, "x"), {"path": "/etc/passwd"}, {"url": "http://127.0.0.1:9/"}, {"url": "file:///etc/passwd"},
            {"path": None, "url": None}, {"meta": {"_type": "gradio.FileData"}}, {"meta": {"_type": "os.system"}, "path": "x"}, "/etc/passwd", 5, True, math.nan, [5],
            [[]], [], {}, "", [file_data("/etc/passwd", "a.hea"), file_data("/etc/passwd", "a.dat")], [None], LONG,
            {**file_data("/etc/passwd", "x.wav"), "is_stream": True}, {**file_data("x", "x.wav"), "size": -1}, {**file_data("x", MARK), "size": "big"},
        )
    ]  # fmt: skip
    many = [None] * 3
    return (*named, *changed, _kind(None, "no file"), _kind(many, "a list of no files", "either"))
