"""What a request passes: too long, too slow, from elsewhere, or for a route that is not offered."""

import asyncio
import os
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from benchmarks import _wire
from demos._ui.limits import FILE_BYTES, REQUEST_BYTES
from demos._ui.serving import disk, door, offered
from demos._ui.serving.disk import Uploads
from demos._ui.serving.sessions import FORGOTTEN
from demos._ui.serving.studio import Studio

JOIN = "/gradio_api/queue/join"
UPLOAD = "/gradio_api/upload"
CLOSED = [
    "deep_link?session_hash=x", "heartbeat/x", "monitoring", "run-history/records", "stream/x/y/1/playlist.m3u8",
    "proxy=http://127.0.0.1/", "custom_component/a/client/b/c.js",
]  # fmt: skip


@pytest.mark.parametrize("route", CLOSED)
def test_routes_that_no_page_asks_for_are_closed(http: httpx.Client, route: str) -> None:
    response = http.get(f"/gradio_api/{route}")  # HOLD.md T: deep_link wrote the session's whole page to the disk
    assert response.status_code == 404 and response.text == door.NOT_HERE


def test_files_come_from_the_own_page_only(http: httpx.Client) -> None:
    """HOLD.md F: a multipart POST of another site was taken."""
    files = {"files": ("a.txt", b"x")}
    assert http.post(UPLOAD, files=files, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert http.post(UPLOAD, files=files, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    taken = http.post(UPLOAD, files=files)
    assert taken.status_code == 200 and taken.headers["x-content-type-options"] == "nosniff"


def test_a_request_has_a_length(http: httpx.Client) -> None:
    long = b'{"data": ["' + b"x" * REQUEST_BYTES + b'"], "fn_index": 0, "session_hash": "x"}'
    refused = http.post(JOIN, content=long, headers={"Content-Type": "application/json"})
    assert refused.status_code == 413 and refused.text == door.TOO_LONG

    def in_pieces() -> Iterator[bytes]:
        for begin in range(0, len(long), 100_000):
            yield long[begin : begin + 100_000]

    assert http.post(JOIN, content=in_pieces(), headers={"Content-Type": "application/json"}).status_code in (400, 413)
    one = http.post(UPLOAD, files={"files": ("a.bin", bytes(FILE_BYTES + 1))})
    assert one.status_code == 413 and "maximum allowed size" in one.text
    five = http.post(UPLOAD, files=[("files", (f"{i}.bin", bytes(FILE_BYTES - 10))) for i in range(5)])
    assert five.status_code == 413 and "4 files at once" in five.text


def test_uploads_are_bounded(http: httpx.Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "UPLOADS_OF_ONE_BYTES", 3 * 10**6)
    monkeypatch.setattr(disk.UPLOADS, "_of", Uploads()._of)
    codes = [http.post(UPLOAD, files={"files": ("a.bin", os.urandom(10**6))}) for _ in range(4)]
    assert [r.status_code for r in codes] == [200, 200, 429, 429] and "from your address" in codes[-1].text


def test_who_sends_slowly_is_not_waited_for(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PATIENCE_S", 0.3)

    def slowly() -> Iterator[bytes]:
        yield b'{"data": ['
        time.sleep(1)
        yield b"1]}"

    began = time.monotonic()
    response = http.post(JOIN, content=slowly(), headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 408) and time.monotonic() - began < 3


def ask(studio: Studio, session: str, name: str, *values: Any) -> _wire.Reply:
    async def asked() -> _wire.Reply:
        async with _wire.client(str(studio.local_url)) as http:
            page = await _wire.read_studio(http)
            visitor = _wire.Session(http, page, session)
            event = page.named(name)
            given = [*values, *[None] * (len(event.inputs) - len(values))]
            return await visitor.ask(event, given)

    return asyncio.run(asked())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_bound_is_passed_by_what_is_no_number(studio: Studio, value: float) -> None:
    """HOLD.md C: `NaN < minimum` and `NaN > maximum` are both false."""
    for name in ("double", "train"):
        refused = ask(studio, "x", name, value)
        assert refused.error and ("no number" in refused.error or refused.error == offered.NOT_OFFERED)


def test_what_the_page_does_not_offer_is_refused_and_fills_no_log(studio: Studio, capfd: Any) -> None:
    for value in ("three", "x" * 300_000, ["one"], {"a": 1}, 7):
        assert ask(studio, "x", "choose", value).error == offered.NOT_OFFERED
    assert ask(studio, "x", "double", "text").error and ask(studio, "x", "double", 1000).error == offered.NOT_OFFERED
    for name in ("choose", "double"):
        assert ask(studio, "x", name, None).error == offered.NOT_OFFERED, "null passed everything"
    assert ask(studio, "x", "choose", "two").outputs == ("two",)
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err and len(out + err) < 2000, out[:500] + err[:500]


def test_who_was_forgotten_is_told(studio: Studio) -> None:
    assert ask(studio, "visitor", "keep", 5).outputs[0] == "5 MB"
    assert ask(studio, "visitor", "keep", 0).outputs[0] == "5 MB"
    studio.state_holder._forget("visitor")  # type: ignore[attr-defined]
    reply = ask(studio, "visitor", "keep", 0)
    assert reply.outputs[0] == "0 MB" and [m["log"] for m in reply.messages if m["msg"] == "log"] == [FORGOTTEN]
    assert not [m for m in ask(studio, "visitor", "keep", 0).messages if m["msg"] == "log"]


def test_there_is_no_way_around_the_queue(http: httpx.Client) -> None:
    for route in ("run/double", "api/double", "run/train"):
        assert http.post(f"/gradio_api/{route}", json={"data": [1], "session_hash": "x"}).status_code == 404


@pytest.mark.parametrize("session", ["", "x" * 65, "a b", "../x", "x" * 1_000_000])
def test_a_page_has_a_short_name(http: httpx.Client, session: str) -> None:
    for _ in range(3):
        response = http.post(JOIN, json={"data": [1], "fn_index": 0, "session_hash": session})
        assert response.status_code == 400 and "no such page" in response.text


def test_nobody_listens_to_a_page_that_is_not_there(http: httpx.Client, capfd: Any) -> None:
    for address in ("queue/data?session_hash=nobody", "queue/data?session_hash=", "call/double/nothing"):
        said = http.get(f"/gradio_api/{address}")
        assert said.status_code == 200 and '"session_not_found": true' in said.text
    assert capfd.readouterr().err == ""


def test_a_form_holds_few_files(http: httpx.Client) -> None:
    def files(n: int) -> list[Any]:
        return [("files", (f"{i}.txt", os.urandom(10))) for i in range(n)]

    assert http.post(UPLOAD, files=files(4)).status_code == 200
    for n in (5, 1000):
        assert http.post(UPLOAD, files=files(n)).status_code in (400, 413)


@pytest.mark.parametrize("route", ["queue/join", "call/double", "call/v2/double", "call/v2/nothing", "api/x", "run/x"])
@pytest.mark.parametrize("body", [b'{"session_hash": NaN}', b'{"data": {"a": NaN}}', b"[]", b"{", b'{"data": 1}'])
def test_no_body_ends_in_a_fault_of_the_server(http: httpx.Client, route: str, body: bytes) -> None:
    response = http.post(f"/gradio_api/{route}", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= response.status_code < 500
