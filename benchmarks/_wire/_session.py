"""One visitor: what stands on its page, what it asks, and how it hears an answer out."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from benchmarks._wire._reply import Reply, outputs_of
from benchmarks._wire._studio import Event, Studio, studio

T = TypeVar("T")
API = "/gradio_api"
LONGEST_SECONDS = 60.0
MOST_CONNECTIONS = 200
IDLE_SECONDS = 1.0
"""How long a connection is kept unused: the server closes one after five, and may do so just as it is used again."""
Values = dict[int, Any]
JSON = {"Content-Type": "application/json"}


@dataclass
class Session:
    """One visitor: `shown` is what stands on its page, by component."""

    http: httpx.AsyncClient
    studio: Studio
    hash: str
    shown: Values = field(default_factory=dict)
    _tickets: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.shown = {c.id: c.props.get("value") for c in self.studio.components.values() if c.type != "state"}

    def values(self, event: Event, other: Mapping[int, Any] | None = None) -> list[Any]:
        """What the page would send for an event, with some components' values replaced."""
        return [{**self.shown, **(other or {})}.get(at) for at in event.inputs]

    async def open(self, tab: int | None, *, longest: float = LONGEST_SECONDS) -> list[Reply]:
        """Open a tab, as a click on it does."""
        replies = []
        for event in self.studio.opening(tab):
            replies += await self.follow(event, longest=longest)
        return replies

    async def follow(
        self, event: Event, values: Sequence[Any] | None = None, *, longest: float = LONGEST_SECONDS, most: int = 8
    ) -> list[Reply]:
        """Ask, show the answer, and ask whatever follows on it, `most` questions in all; a refusal ends its chain."""
        replies, waiting = [], [(event, values)]
        while waiting and len(replies) < most:
            asked, given = waiting.pop(0)
            reply = await self.ask(asked, given, longest=longest)
            replies.append(reply)
            if reply.answered:
                self.show(asked, reply)
                waiting += [(follower, None) for follower in self.studio.followers(asked)]
        return replies

    def show(self, event: Event, reply: Reply) -> None:
        """What the answer changes on the page."""
        for at, value in zip(event.outputs, reply.outputs, strict=False):
            if isinstance(value, dict) and value.get("__type__") == "update":
                if "value" in value:
                    self.shown[at] = value["value"]
            else:
                self.shown[at] = value

    async def ask(
        self, event: Event, values: Sequence[Any] | None = None, *, event_data: Any = None,
        longest: float = LONGEST_SECONDS, enough: float | None = None,
    ) -> Reply:  # fmt: skip
        """Ask one event, with what is on the page if no values are given, and hear it out.

        An answer that comes in pieces is left, and counts as answered, `enough` seconds after its first piece.
        """
        body = {
            "data": self.values(event) if values is None else list(values),
            "fn_index": event.id,
            "trigger_id": next((at for at, _ in event.targets), None),
            "event_data": event_data,
            "session_hash": self.hash,
        }
        began = time.perf_counter()
        heard: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(longest):
                content = json.dumps(body)  # json's own: NaN and Infinity go over as such
                if not event.queued:
                    return await self._at_once(content, began)
                return await self._queued(content, heard, began, enough, event.id)
        except TimeoutError:
            return Reply(200, time.perf_counter() - began, messages=tuple(heard), outputs=outputs_of(heard), late=True)
        except (httpx.HTTPError, OSError) as error:
            words = f"{type(error).__name__}: {error}"
            return Reply(0, time.perf_counter() - began, body=words, messages=tuple(heard))

    async def _at_once(self, content: str, began: float) -> Reply:
        """What waits in no queue is posted, and its answer is the response's own body."""
        response = await self.http.post(f"{API}/run/predict", content=content, headers=JSON)
        seconds = time.perf_counter() - began
        found = _json(response)
        if response.status_code == 200 and isinstance(found, dict) and "data" in found:
            message = {"msg": "process_completed", "success": True, "output": found}
        elif response.status_code == 500 and isinstance(found, dict) and "error" in found:
            message = {"msg": "process_completed", "success": False, "output": found}
        else:
            return Reply(response.status_code, seconds, body=response.text)
        return Reply(200, seconds, messages=(message,), outputs=outputs_of([message]))

    async def _queued(
        self, content: str, heard: list[dict[str, Any]], began: float, enough: float | None, fn_index: int
    ) -> Reply:
        joined = await self.http.post(f"{API}/queue/join", content=content, headers=JSON)
        found = _json(joined)
        if joined.status_code != 200 or not isinstance(found, dict) or "event_id" not in found:
            return Reply(joined.status_code, time.perf_counter() - began, body=joined.text)
        left, patience = False, asyncio.timeout(None)
        try:
            async with patience:
                async for message in self._stream(found["event_id"]):
                    heard.append(message)
                    if message.get("msg") == "process_generating" and enough is not None and not patience.when():
                        patience.reschedule(asyncio.get_running_loop().time() + enough)
        except TimeoutError:
            if not patience.expired():
                raise
            left = True
            heard.append({"msg": "process_completed", "success": True, "output": {}})
        finally:
            if left or not any(m.get("msg") == "process_completed" for m in heard):
                await asyncio.shield(self._cancel(found["event_id"], fn_index))
        return Reply(200, time.perf_counter() - began, messages=tuple(heard), outputs=outputs_of(heard))

    async def _stream(self, event_id: str) -> AsyncIterator[dict[str, Any]]:
        """The messages of one event, from its joining to its end; ReadError where the stream ends before it."""
        address = f"{API}/queue/data"
        async with self.http.stream("GET", address, params={"session_hash": self.hash}) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line[5:])
                if message.get("event_id") not in (event_id, None):
                    continue
                yield message
                if message.get("msg") == "process_completed":
                    return
                if message.get("msg") == "unexpected_error":
                    raise httpx.ReadError(str(message.get("message")))
        raise httpx.ReadError("the stream ended before the answer")

    async def _cancel(self, event_id: str, fn_index: int) -> None:
        body = {"session_hash": self.hash, "fn_index": fn_index, "event_id": event_id}
        try:
            await self.http.post(f"{API}/cancel", json=body, timeout=5)
        except (httpx.HTTPError, OSError):
            return

    async def upload(self, files: Sequence[tuple[str, bytes]]) -> list[dict[str, Any]] | httpx.Response:
        """Files `(name, content)` as the page names them afterwards; the response where they were not taken."""
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        upload_id = f"{self.hash}{next(self._tickets)}"
        response = await self.http.post(f"{API}/upload", params={"upload_id": upload_id}, files=parts)
        paths = _json(response)
        if response.status_code != 200 or not isinstance(paths, list):
            return response
        return [file_data(p, name, len(content)) for p, (name, content) in zip(paths, files, strict=False)]


def file_data(path: Any, name: str, size: int = 0) -> dict[str, Any]:
    """A file on the server, as the page names it to an event."""
    return {"path": path, "orig_name": name, "size": size, "mime_type": "", "meta": {"_type": "gradio.FileData"}}


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def client(url: str) -> httpx.AsyncClient:
    """A client of one server: no proxy, no redirects to elsewhere."""
    limits = httpx.Limits(
        max_connections=MOST_CONNECTIONS,
        max_keepalive_connections=MOST_CONNECTIONS,
        keepalive_expiry=IDLE_SECONDS,
    )
    return httpx.AsyncClient(base_url=url.rstrip("/"), timeout=None, limits=limits, trust_env=False)


async def read_studio(http: httpx.AsyncClient) -> Studio:
    """What the server's `/config` says."""
    return studio((await http.get("/config", timeout=LONGEST_SECONDS)).raise_for_status().json())


def run(script: Coroutine[Any, Any, T]) -> T:
    """What a script gives, run in a thread of its own: a browser that is driven has this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, script).result()
