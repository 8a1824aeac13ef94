"""The queue over the wire: places by kind, and nobody waits for a page that has gone (HOLD.md B)."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from benchmarks import _wire
from demos._ui.limits import PLACES, Places
from demos._ui.serving import line
from demos._ui.serving.line import UNKNOWN, spoken
from demos._ui.serving.studio import Studio

Visit = Callable[[httpx.AsyncClient, _wire.Studio], Awaitable[Any]]


def visit(studio: Studio, script: Visit) -> Any:
    async def visited() -> Any:
        async with _wire.client(str(studio.local_url)) as http:
            return await script(http, await _wire.read_studio(http))

    return asyncio.run(visited())


async def join(
    http: httpx.AsyncClient, event: _wire.Event, session: str, *values: Any, address: str = "10.0.0.1"
) -> httpx.Response:
    """Ask, and never listen."""
    body = {"data": list(values), "fn_index": event.id, "session_hash": session}
    return await http.post("/gradio_api/queue/join", json=body, headers={"X-Forwarded-For": address})


def test_trainings_that_nobody_listens_to_keep_nobody_waiting(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "UNHEARD_S", 1.0)

    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> None:
        taken = [await join(http, page.named("train"), f"bad-{i}", 1, address=f"10.0.0.{i}") for i in range(65)]
        refused = [response.json()["detail"] for response in taken if response.status_code == 429]
        places = PLACES["training"].waiting
        assert 65 - places - 5 <= len(refused) <= 65 - places and "trainings are waiting already" in refused[0]
        visitor = _wire.Session(http, page, "good")
        answer = await visitor.ask(page.named("double"), [21])
        assert answer.outputs == (42,) and answer.seconds < 2, "an answer does not wait for trainings"
        began = time.monotonic()
        while (await visitor.ask(page.named("train"), [1], longest=20, enough=0)).status != 200:
            assert time.monotonic() - began < 15
            await asyncio.sleep(0.2)

    visit(studio, script)


def test_a_listener_keeps_its_place_and_whoever_leaves_gives_it_back(studio: Studio, monkeypatch: Any) -> None:
    monkeypatch.setattr(line, "UNHEARD_S", 0.5)

    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> None:
        visitor = _wire.Session(http, page, "patient")
        heard = await visitor.ask(page.named("train"), [5], enough=3)
        assert heard.answered and heard.seconds > 3, "who listens is not dropped"
        again = await visitor.ask(page.named("train"), [7], longest=10, enough=0)
        assert again.answered, "and who has left is not waited for"

    visit(studio, script)


def test_one_page_cannot_take_all_places(studio: Studio) -> None:
    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> list[httpx.Response]:
        return [await join(http, page.named("train"), "greedy", 1) for _ in range(4)]

    codes = [response.status_code for response in visit(studio, script)]
    assert codes == [200, 200, 429, 429]


def test_one_address_cannot_take_all_places_and_others_are_answered_first(studio: Studio) -> None:
    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> float:
        late, places = page.named("late"), PLACES["answer"]
        codes = [(await join(http, late, f"greedy-{i // 10}", 50)).status_code for i in range(places.waiting)]
        half = places.waiting // 2
        assert half <= codes.count(200) < half + 20 and codes[-1] == 429
        visitor = _wire.Session(http, page, "visitor")
        answer = await visitor.ask(late, [50])
        assert not [m for m in answer.messages if m["msg"] == "log"], "and it is not told that it has to wait"
        return answer.seconds

    assert visit(studio, script) < 4, "forty-eight of half a second are before it, two at a time: 12 s"


@pytest.mark.parametrize("by", ["page", "address"])
def test_whoever_comes_anew_is_not_before_whoever_waits(studio: Studio, by: str) -> None:
    """Ever new names, all of them heard, keep nobody from an answer who has had one already."""

    async def crowd(http: httpx.AsyncClient, page: _wire.Studio) -> None:
        for i in itertools.count():
            name = f"{id(asyncio.current_task())}-{i}"
            address = f"10.{i % 250}.{id(asyncio.current_task()) // 64 % 250}.1" if by == "address" else "10.0.0.1"
            response = await join(http, page.named("late"), name, 10, address=address)
            assert response.status_code == 200
            async with http.stream("GET", f"/gradio_api/queue/data?session_hash={name}") as stream:
                async for line in stream.aiter_lines():
                    if "process_completed" in line:
                        break

    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> list[float]:
        visitor = _wire.Session(http, page, "visitor")
        await visitor.ask(page.named("late"), [10])
        crowds = [asyncio.create_task(crowd(http, page)) for _ in range(16)]
        await asyncio.sleep(1)
        seconds = [(await visitor.ask(page.named("late"), [10], longest=15)).seconds for _ in range(3)]
        for each in crowds:
            each.cancel()
        return seconds

    assert max(visit(studio, script)) < 5, "sixteen of a tenth of a second are before it, two at a time: 0.8 s"


def test_a_long_waiting_is_announced(studio: Studio) -> None:
    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> list[dict[str, Any]]:
        first = asyncio.create_task(_wire.Session(http, page, "first").ask(page.named("train"), [1], enough=1.5))
        await asyncio.sleep(0.3)
        second = await _wire.Session(http, page, "second").ask(page.named("train"), [1], enough=0)
        await first
        return [message for message in second.messages if message["msg"] == "log"]

    (told,) = visit(studio, script)
    assert told["title"] == "Waiting" and told["log"] == "1 is before yours: about 30 seconds."
    assert [spoken(s) for s in (0.2, 12, 119, 120, 121)] == [
        "5 seconds", "15 seconds", "120 seconds", "2 minutes", "3 minutes",
    ]  # fmt: skip


def test_what_does_not_exist_is_said_so(studio: Studio, http: httpx.Client) -> None:
    for fn_index in (99_999, -1):  # HOLD.md S: a 500
        response = http.post("/gradio_api/queue/join", json={"data": [], "fn_index": fn_index, "session_hash": "x"})
        assert (response.status_code, response.json()["detail"]) == (400, UNKNOWN)
    assert http.post("/gradio_api/call/nothing", json={"data": []}).status_code == 404


def test_news_that_nobody_takes_are_not_kept(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "UNHEARD_S", 0.5)

    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> None:
        for i in range(20):
            await join(http, page.named("double"), f"deaf-{i}", 1)
        await asyncio.sleep(4)

    visit(studio, script)
    queue = studio._queue
    assert not queue.pending_messages_per_session and not queue.pending_event_ids_session and not queue._last_heard
    assert not queue.event_ids_to_events


def test_an_answer_is_kept_until_the_page_listens_however_long_it_said_nothing(studio: Studio) -> None:
    async def script(http: httpx.AsyncClient, page: _wire.Studio) -> None:
        visitor, queue = _wire.Session(http, page, "quiet"), studio._queue
        assert (await visitor.ask(page.named("double"), [1])).answered
        while queue._listeners["quiet"]:
            await asyncio.sleep(0.01)
        queue._last_heard["quiet"] = time.monotonic() - 3 * line.UNHEARD_S
        joined = await join(http, page.named("double"), "quiet", 21)
        while queue.event_ids_to_events:
            await asyncio.sleep(0.01)
        queue._forget_news(time.monotonic())
        *_, last = [message async for message in visitor._stream(joined.json()["event_id"])]
        assert last["output"]["data"] == [42]

    visit(studio, script)


def test_every_kind_has_places() -> None:
    for places in PLACES.values():
        assert isinstance(places, Places) and 0 < places.at_once <= places.waiting
        assert places.of_one_page <= places.waiting
