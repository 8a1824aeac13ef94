"""Running cases: each asked as its page would ask, and all that it leaves behind gathered."""

import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx
import psutil

from benchmarks._server import serving
from benchmarks._wire import Event, Reply, Session, Studio
from tests.fuzz.cases import OWN, Case
from tests.fuzz.judge import Heard, Verdict, judge, texts_of
from tests.fuzz.things import Request, Thing

LONGEST_SECONDS, ENOUGH_SECONDS = 90.0, 1.5
"""How long an answer is waited for, and how much of one that comes in pieces is heard."""
CASES_A_SESSION = 20
NAME = "Ada"
"""What stands in every field of text that the page leaves empty: a voice without a name would never be read."""
MEMORY_GIB = 12
LIMITED = "import resource, runpy; resource.setrlimit(resource.RLIMIT_AS, ({0}, {0})); runpy.run_path('app.py', run_name='__main__')"
"""The application in a process that may not have more memory than this."""


class Unopened(RuntimeError):
    """A tab that does not even open."""


class Done(NamedTuple):
    """A case with its verdict, and what it took."""

    case: Case
    words: str
    verdict: Verdict
    seconds: float


@dataclass
class Watched:
    """A server in a process of ours: its memory, its processor's time, and its log."""

    url: str
    process: psutil.Process
    log: Path
    _read: int = 0

    @classmethod
    @contextmanager
    def started(cls, gib: float = MEMORY_GIB) -> Iterator["Watched"]:
        """The application, with a bound on its memory and a folder of its own for files, until the block ends."""
        with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
            log, files = Path(folder, "log"), Path(folder, "files")
            files.mkdir()
            program = LIMITED.format(int(gib * 2**30))
            with serving(
                "-X", "faulthandler", "-c", program, log=log, GRADIO_TEMP_DIR=str(files), PYTHONUNBUFFERED="1"
            ) as served:
                yield cls(served.url, psutil.Process(served.pid), log)

    def begin(self) -> tuple[int, float]:
        """Begin anew: log and peak so far are somebody else's; memory and processor's time, to compare `since` with."""
        self.lines()
        with suppress(OSError):
            Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.resident(), self.seconds()

    def since(self, before: tuple[int, float]) -> dict[str, Any]:
        """What was left behind since `begin`."""
        resident, used = before
        return {"log": self.lines(), "seconds": self.seconds() - used, "grown_bytes": self.peak() - resident}

    def lines(self) -> list[str]:
        """What was logged since this was last asked."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        return [line for line in new.decode(errors="replace").splitlines() if line.strip()]

    def seconds(self) -> float:
        """Of its processors' time."""
        times = self.process.cpu_times()
        return times.user + times.system

    def resident(self) -> int:
        return self.process.memory_info().rss

    def peak(self) -> int:
        """Bytes that were in memory at most since `begin`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]

    def alive(self) -> bool:
        return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE


@dataclass
class Trial:
    """Cases run one after the other against one server; `watched` where it is ours."""

    http: httpx.AsyncClient
    studio: Studio
    watched: Watched | None = None
    _sessions: dict[int | None, tuple[Session, int]] = field(default_factory=dict)

    async def run(self, case: Case) -> Done:
        """Run one case and judge it; a server that has no place just now is asked again."""
        thing = case.thing()
        try:
            session = await self._session(case)
        except Unopened as error:
            return Done(case, thing.words, Verdict("crash", str(error)), 0.0)
        before = self.watched.begin() if self.watched else None
        began = time.perf_counter()
        events, replies = await self._asked(case, thing, session)
        seconds = time.perf_counter() - began
        heard: dict[str, Any] = {"seconds": seconds, "alive": await self._alive()}
        if self.watched and before and heard["alive"]:
            heard |= self.watched.since(before)
        fills = [[self.studio.components[at].type for at in event.outputs] for event in events]
        verdict = judge(Heard(thing.expect, replies, fills, self._sent(thing), **heard))
        if verdict.word == "unkind" and await self._refuses_anything(case, session, replies):
            verdict = judge(Heard("either", replies, fills, self._sent(thing), **heard))
        if verdict.word == "crash":
            self._sessions.clear()
        return Done(case, thing.words, verdict, seconds)

    async def _asked(self, case: Case, thing: Thing, session: Session) -> tuple[list[Event], list[Reply]]:
        """The events that were asked, and what came back."""
        if thing.request is not None:
            return [], [await self._bare(thing)]
        assert case.event is not None
        event, value = case.event, thing.value
        if thing.files:
            taken = await session.upload(thing.files)
            if isinstance(taken, httpx.Response):
                return [], [Reply(taken.status_code, 0.0, body=taken.text)]
            value = taken if _takes_several(case) else taken[0]
        if thing.values is not None:
            values: Sequence[Any] = thing.values
        else:
            values = session.values(event, {case.slot.id: value} if case.slot else None)
        reply = await session.ask(
            event,
            values,
            event_data=thing.event_data,
            longest=LONGEST_SECONDS,
            enough=ENOUGH_SECONDS if event.generates else None,
        )
        if not (thing.files and reply.answered):
            return [event], [reply]
        session.show(event, reply)
        events, replies = [event], [reply]
        for follower in self.studio.followers(event):
            events.append(follower)
            replies.append(await session.ask(follower, longest=LONGEST_SECONDS))
            if not replies[-1].answered:
                break
            session.show(follower, replies[-1])
        return events, replies

    async def _refuses_anything(self, case: Case, session: Session, replies: Sequence[Reply]) -> bool:
        """Whether the plainest thing of a part is refused in the same words: then it is not for this thing's own sake."""
        plain = OWN[case.part][0](Random(0))
        _, others = await self._asked(case, plain, session)
        return [reply.error for reply in others if not reply.answered] == [r.error for r in replies if not r.answered]

    async def _bare(self, thing: Thing) -> Reply:
        """A request as it is; an answer is a page of any status below 400."""
        assert thing.request is not None
        method, path, content, kind = thing.request
        began = time.perf_counter()
        try:
            async with self.http.stream(
                method, httpx.URL(str(self.http.base_url).rstrip("/") + path), content=content,
                headers={"Content-Type": kind} if kind else {}, timeout=LONGEST_SECONDS,
            ) as response:  # fmt: skip
                body = await _beginning(response)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Reply(0, time.perf_counter() - began, body=type(error).__name__)
        end = {"msg": "process_completed", "success": True, "output": {"data": [body]}}
        is_answered = response.status_code < 400
        return Reply(
            200 if is_answered else response.status_code, time.perf_counter() - began,
            body="" if is_answered else body, messages=(end,) if is_answered else (), outputs=(body,) if is_answered else (),
        )  # fmt: skip

    async def _session(self, case: Case) -> Session:
        """A visitor who has opened the case's tab, and has tried less than twenty things there."""
        tab = self.studio.tab_of(case.event) if case.event else None
        session, tried = self._sessions.get(tab, (None, 0))
        if session is None or tried >= CASES_A_SESSION:
            session, tried = Session(self.http, self.studio, f"fuzz{os.getpid()}{case.id}{time.monotonic_ns()}"), 0
            empty = [c.id for c in self.studio.components.values() if c.type == "textbox" and not session.shown[c.id]]
            session.shown |= dict.fromkeys(empty, NAME)
            if tab is not None:
                opened = await session.open(tab, longest=LONGEST_SECONDS)
                if not all(reply.answered for reply in opened):
                    said = [reply.error or reply.body for reply in opened if not reply.answered]
                    raise Unopened(f"The tab “{self.studio.components[tab].label}” cannot be opened: {said}")
        self._sessions[tab] = session, tried + 1
        return session

    async def _alive(self) -> bool:
        if self.watched and not self.watched.alive():
            return False
        for _ in range(2):  # a connection that was kept may have been closed
            with suppress(httpx.HTTPError, OSError):
                return (await self.http.get("/robots.txt", timeout=LONGEST_SECONDS)).status_code < 500
        return False

    def _sent(self, thing: Thing) -> list[str]:
        values = [thing.value, thing.values or (), thing.event_data, [file.name for file in thing.files]]
        return texts_of([*values, *_pieces(thing.request)])


def _pieces(request: Request | None) -> list[str]:
    """What a bare request says: its address, the end of it, and its body."""
    if request is None:
        return []
    return [request.path, request.path.rpartition("=")[2], request.content.decode(errors="replace")]


async def _beginning(response: httpx.Response, most: int = 2_000_000) -> str:
    """The beginning of a page, and nothing of a stream that does not end."""
    if "event-stream" in response.headers.get("content-type", ""):
        return ""
    found = b""
    async for piece in response.aiter_bytes():
        found += piece
        if len(found) > most:
            break
    return found.decode(errors="replace")


def _takes_several(case: Case) -> bool:
    return case.slot is not None and case.slot.props.get("file_count") in ("multiple", "directory")
