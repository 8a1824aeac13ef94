"""The wire as the page speaks it: what follows on what, what is sent, and what an answer in pieces comes to."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

import app
from benchmarks import _wire
from benchmarks._wire import Reply, Session, Studio, outputs_of


@pytest.fixture
def studio(checkpoints: Path, no_data: Path) -> Studio:
    return _wire.studio(app.studio().get_config_file())


def piece(kind: str, data: list[Any], *, success: bool = True) -> dict[str, Any]:
    return {"msg": f"process_{kind}", "success": success, "output": {"data": data}, "event_id": "e"}


def test_an_event_knows_its_tab_and_what_follows(studio: Studio) -> None:
    read = studio.named("read_digit")
    tab = studio.tab_of(read)
    assert tab is not None and studio.components[tab].label == "Handwriting"
    (map_layer,) = studio.followers(read)
    assert map_layer.after == read.id and studio.tab_of(map_layer) == tab
    assert len(studio.opening(tab)) == 1
    with pytest.raises(KeyError, match="nobody"):
        studio.named("nobody")


def test_the_values_are_those_on_the_page_but_for_one(studio: Studio) -> None:
    session = Session(httpx.AsyncClient(), studio, "a")
    read = studio.named("read_digit")
    board = read.inputs[1]
    assert session.values(read)[1].startswith("data:image/png") and session.values(read)[::2] == [None, None]
    assert session.values(read, {board: "x"}) == [None, "x", None]
    session.show(studio.named("test_digit"), Reply(200, 0.1, outputs=("data:,a", None)))
    assert session.values(read)[1] == "data:,a"


def test_an_answer_in_pieces_is_put_together() -> None:
    whole, edits = (
        piece("generating", ["a", {"k": 1}]),
        piece("generating", [[["append", [], "b"]], [["replace", ["k"], 2]]]),
    )
    assert outputs_of([whole, edits]) == ("ab", {"k": 2})
    assert outputs_of([piece("completed", ["z", 1])]) == ("z", 1)
    assert outputs_of([whole, piece("completed", [[], []])]) == ("a", {"k": 1})
    assert outputs_of([piece("completed", [], success=False)]) == ()


def answering(*messages: bytes, joined: int = 200) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/join"):
            return httpx.Response(joined, json={"event_id": "e"} if joined == 200 else {"detail": "Too many wait."})
        return httpx.Response(200, content=b"".join(b"data: " + m + b"\n\n" for m in messages))

    return httpx.MockTransport(answer)


def asked(studio: Studio, transport: httpx.MockTransport) -> Reply:
    async def ask() -> Reply:
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            return await Session(http, studio, "a").ask(studio.named("read_digit"))

    return asyncio.run(ask())


def test_a_reply_is_an_answer_a_refusal_or_none_at_all(studio: Studio) -> None:
    other = b'{"msg": "process_completed", "event_id": "another", "success": true, "output": {"data": ["no"]}}'
    mine = b'{"msg": "process_completed", "event_id": "e", "success": true, "output": {"data": ["mine"]}}'
    refused = (
        b'{"msg": "process_completed", "event_id": "e", "success": false, "output": {"error": "No.", "title": "T"}}'
    )
    reply = asked(studio, answering(other, mine))
    assert reply.answered and reply.outputs == ("mine",)
    reply = asked(studio, answering(refused))
    assert not reply.answered and (reply.status, reply.error, reply.title) == (200, "No.", "T")
    assert asked(studio, answering()).status == 0
    assert asked(studio, answering(b'{"msg": "unexpected_error", "event_id": null, "message": "gone"}')).status == 0
    reply = asked(studio, answering(joined=429))
    assert (reply.status, reply.answered) == (429, False) and "Too many wait." in reply.body
