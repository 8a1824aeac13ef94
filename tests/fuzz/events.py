"""Calls that no page makes: forged event data, wrong numbers of values, bodies that are none, and addresses to look behind."""

import json
import math
from collections.abc import Iterator
from typing import Any

from benchmarks._wire import API, Event, Studio
from tests.fuzz.things import MARK, Expect, Kind, Request, Thing, fixed

FORGED: tuple[Any, ...] = (
    None, {}, [], "", 0, "abc", True, MARK, math.nan, math.inf, [1], {"beat": "abc"}, {"beat": None}, {"beat": math.nan}, {"beat": math.inf},
    {"beat": -1}, {"beat": 10**30}, {"beat": 1e308}, {"beat": [1]}, {"beat": {}}, {"beat": "3"}, {"beat": 1.7}, {"beat": True}, {"beat": MARK},
    {"beats": 3}, {"beat": "x" * 100_000}, {"index": [0, 0], "value": MARK}, {"_data": {"beat": 1}}, {"target": 5}, {"beat": "NaN"}, {"beat": "٣"},
)  # fmt: skip
"""Where the page says what was clicked. `beat` is the one key that a widget of ours sends; a new widget's handlers see the rest."""


def forged_data(event: Event) -> tuple[Kind, ...]:
    """For an event that reads what was clicked."""
    return tuple(fixed(Thing(f"event data {str(data)[:50]}", "either", event_data=data)) for data in FORGED)


def wrong_calls(event: Event) -> tuple[Kind, ...]:
    """For any event: nothing but nulls, too few values, too many."""
    n = len(event.inputs)
    calls: list[tuple[str, Expect, list[Any]]] = [
        ("nulls alone", "either", [None] * n),
        ("one value too many", "either", [None] * (n + 1)),
        ("a thousand values", "either", [0] * 1000),
        ("an empty object for each value", "either", [{}] * n),
        ("an empty list for each value", "either", [[]] * n),
        ("minus one for each value", "either", [-1] * n),
        ("a text for each value", "either", [MARK] * n),
    ]
    if n:
        calls += [("one value too few", "either", [None] * (n - 1)), ("no values", "either", [])]
    return tuple(fixed(Thing(words, expect, values=tuple(values))) for words, expect, values in calls)


def _post(words: str, path: str, body: Any, expect: Expect = "refuse", kind: str = "application/json") -> Kind:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return fixed(Thing(words, expect, request=Request("POST", path, content, kind)))


def _get(path: str, expect: Expect = "refuse", words: str = "") -> Kind:
    return fixed(Thing(f"GET {words or path}"[:90], expect, request=Request("GET", path)))


BODIES: tuple[tuple[bytes, str], ...] = (
    (b"", "nothing"), (b"{", "half a brace"), (b"null", "null"), (b"[]", "a list"), (b"5", "a number"), (b'"a"', "a text"), (b"\xff\xfe\x00", "bytes"),
    (b"[" * 100_000, "100,000 brackets"), (b'{"data":' * 20_000, "20,000 objects in one another"), (b'{"data": [], "data": [1]}', "a key twice"),
    (b'{"data": [' + b"1," * 500_000 + b"1]}", "a million numbers"), (b'{"data": ["\\ud800"]}', "half a letter"),
    (b'{"data": [1e999999]}', "a number beyond all"), (b'{"data": [' + b"9" * 100_000 + b"]}", "a number of 100,000 digits"),
)  # fmt: skip
KINDS = (
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "",
    "text/" + "x" * 2000,
)
SESSIONS = ("../../etc", MARK, "\x00", "a/b", "ü" * 300, "", " ")
OTHERS = (
    "reset",
    "cancel",
    "component_server",
    "process_recording",
    "run-history/connect",
    "stream/x",
    "stream/x/close",
    "vibe-edit",
    "upload",
)
"""Addresses of Gradio's that take a body; this application needs the first two and the last."""
UPLOADS: tuple[bytes, ...] = (
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="../../../up.txt"\r\n\r\nup\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + b"n" * 5000 + b'.txt"\r\n\r\nup\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nno file\r\n--x--\r\n', b"--x\r\nnothing", b"--x--\r\n", b"",
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="\x00"\r\n\r\nup\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="other"; filename="a.txt"\r\n\r\nup\r\n--x--\r\n',
)  # fmt: skip
SECRETS = (
    "/etc/passwd", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "file:///etc/passwd", "app.py", "./app.py", "/proc/self/environ",
    "/proc/self/cmdline", "README.md", "checkpoints", "/", ".", "~/.bashrc", "http://127.0.0.1:9/", "/dev/zero", "%00", "/tmp", "a" * 5000, "/etc/passwd%00.png",
)  # fmt: skip
"""What an address that reads files must not give."""
PAGES = (
    *(f"/{path}" for path in ("", "config", "theme.css", "robots.txt", "manifest.json", "favicon.ico", "nobody", "monitoring", "monitoring/summary", "monitoring/x")),
    *(f"/{path}" for path in ("assets/../../app.py", "svelte/../../app.py", "file/app.py", "openapi.json", "docs", "gradio_api")),
    *(f"{API}/{path}" for path in ("info", "openapi.json", "nobody", "login_check", "token", "app_id", "runs", "startup-events", "run-history/buckets", "vibe-code/", "dev/reload")),
    *(f"{API}/{path}" for path in ("custom_component/x/y/z/app.py", "proxy=http://127.0.0.1:9/", "file/app.py", "queue/status", "call/nobody/x", "upload_progress?upload_id=nobody")),
    *(f"{API}/stream/a/b/c/{path}" for path in ("playlist.m3u8", "playlist-file", "1.ts")),
    *(f"{API}/queue/data{query}" for query in ("", "?session_hash=nobody", "?session_hash=", "?session_hash=" + "x" * 5000)),
    *(f"{API}/heartbeat/{name}" for name in ("x", "x?y=1", "%00")),
    *(f"/gradio_api/deep_link{query}" for query in ("", "?session_hash=nobody", f"?session_hash={MARK}", "?session_hash=" + "x" * 5000, "?deep_link=../../etc/passwd")),
    *(f"/?{query}" for query in ("deep_link=../../etc/passwd", "deep_link=nobody", f"tab={MARK}", "__theme=../x", "view=api", "tab=" + "x" * 5000)),
)  # fmt: skip


def _joins(studio: Studio) -> Iterator[Kind]:
    """The queue's own door: bodies with something wrong, missing or enormous in them."""
    event = next(e for e in studio.events.values() if e.queued and not e.generates and e.public)
    values: list[Any] = [None] * len(event.inputs)
    whole = {"data": values, "fn_index": event.id, "session_hash": "fuzz", "trigger_id": None, "event_data": None}
    join = f"{API}/queue/join"
    for fn_index in (-1, 10**6, 2**63, 10**30, "abc", "1", None, [], {}, 1.5, True, MARK):
        yield _post(f"fn_index {fn_index!r}", join, {**whole, "fn_index": fn_index}, "either")
    for key in whole:
        yield _post(f"no {key}", join, {k: v for k, v in whole.items() if k != key}, "either")
    for key in ("data", "session_hash", "trigger_id", "event_id", "batched", "simple_format", "oauth_token"):
        for value in (None, 5, "abc", [], {}, math.nan, "x" * 100_000):
            yield _post(f"{key} = {str(value)[:20]!r}", join, {**whole, key: value}, "either")
    for session in SESSIONS:
        yield _post(f"session {session[:20]!r}", join, {**whole, "session_hash": session}, "either")
    for body, words in BODIES:
        yield _post(f"a body of {words}", join, body)
        yield _post(f"a body of {words}, without a queue", f"{API}/run/predict", body)
    for kind in KINDS:
        yield _post(f"a body as {kind[:40] or 'nothing'}", join, whole, "either", kind)


def _doors(studio: Studio) -> Iterator[Kind]:
    """Every other address that takes something."""
    name = next(e.name for e in studio.events.values() if e.public)
    bodies = (
        {"data": []},
        {"data": [None] * 50},
        {},
        {"data": None},
        {"data": [], "fn_index": 10**6},
        {"data": [], "fn_index": -1},
    )
    for path in (f"call/{name}", "call/nobody", f"call/v2/{name}", "run/nobody", f"api/{name}", "run/predict"):
        for body in bodies:
            yield _post(f"{path} with {json.dumps(body)[:40]}", f"{API}/{path}", body, "either")
    short = b'{"session_hash": "x", "fn_index": 0, "event_id": "y"}'
    for path in OTHERS:
        for content in (b"", b"{}", short, b'{"session_hash": "' + b"x" * 50_000 + b'"}'):
            yield _post(f"{path} with {content[:30]!r}", f"{API}/{path}", content, "either")
    for i, content in enumerate(UPLOADS):
        yield _post(f"an upload, forged ({i})", f"{API}/upload", content, "either", "multipart/form-data; boundary=x")
    yield _post("an upload without a boundary", f"{API}/upload", b"up", "either", "multipart/form-data")


def _windows() -> Iterator[Kind]:
    """Addresses that read: nothing of the server's own may be seen through them."""
    for path in SECRETS:
        yield _get(f"{API}/file={path}")
        yield _get(f"/static/{path}", "either")
    for path in PAGES:
        yield _get(path, "either")


def bare(studio: Studio) -> tuple[Kind, ...]:
    """Requests past everything that the page would do."""
    return (*_joins(studio), *_doors(studio), *_windows())
