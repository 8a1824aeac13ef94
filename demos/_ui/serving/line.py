"""The queue, with places by kind: no training and no page that has gone keeps a visitor's question waiting."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gradio import queueing, server_messages
from gradio.utils import run_coro_in_background

from demos._ui.limits import PLACES, SESSION_NAME, TOLD_FROM_S, UNHEARD_S, UNREAD_MESSAGES, Kind

UNKNOWN = "There is no such function, or no such page, here. Load the page again: it may be an older one."
FULL = {
    "answer": "Many visitors ask at this moment. Please try again in a few seconds.",
    "training": "{n} trainings are waiting already, and one runs at a time. Please try again in {wait}.",
    "live": "Many microphones are listening at this moment. Please try again in a minute.",
}
MINE = {
    "answer": "This page has {n} questions waiting already. Please wait for their answers.",
    "training": "This page has {n} trainings already, one of which may just be ending. Stop one, or wait for its end.",
    "live": "The server cannot follow this microphone. Stop it, and try again in a minute.",
}
WAITING = "{n} before yours: about {wait}."
EVERY_S = 1.0
MOST_REMEMBERED = 10_000
"""Addresses and pages of which is known when they were answered."""
UNKNOWN_SECONDS: dict[str, float] = {"answer": 1.0, "training": 30.0, "live": 0.1}
"""What an answer is taken to last that has not been given yet."""


class Line(queueing.Queue):
    """Gradio's queue, but that each kind of work has its own places, and that what nobody listens for is dropped.

    A question's kind is its concurrency's name. `listening` is kept by whoever sees a page's stream of news open and
    close. Gradio's own analytics are left out: they are recomputed, over ten thousand events, after each answer.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._listeners: Counter[str] = Counter()
        self._last_heard: dict[str, float] = {}
        self._last_turn: dict[str, int] = {}
        self._turns = itertools.count(1)

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        """While somebody reads the news of this session."""
        self._listeners[session] += 1
        try:
            yield
        finally:
            self._listeners[session] -= 1
            self._last_heard[session] = time.monotonic()
            if not self._listeners[session]:
                del self._listeners[session]

    def start(self) -> None:
        super().start()
        run_coro_in_background(self._watch)

    def compute_analytics_summary(self, records: Any) -> Any:
        """Nothing: nobody is shown it, and it costs more with every answer."""
        return self.cached_event_analytics_summary

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """Take a question in, or say in a sentence why not; whoever has to wait for long is told for how long."""
        fn = self.blocks.fns.get(body.fn_index) if isinstance(body.fn_index, int) else None
        if fn is None or (body.session_hash is not None and not SESSION_NAME.fullmatch(body.session_hash)):
            return False, UNKNOWN, "error"
        kind = fn.concurrency_id
        refused = self.refusal(kind, body.session_hash, address_of(request)) if kind in PLACES else None
        if refused:
            return False, refused, "queue_full"
        if body.session_hash is not None:  # else an answer that comes before the page listens may be thrown away
            self._last_heard[body.session_hash] = time.monotonic()
        taken = await super().push(body, request, username)
        event = self.event_ids_to_events.get(str(taken[1])) if taken[0] else None
        if event is not None and kind in PLACES:
            for name in _names(event):
                self._turn(name)
            self._announce(event, kind)
        return taken

    def get_events(self) -> Any:
        """The next to be answered, of each kind whose turn was longest ago: first by address, then by page."""
        for queue in self.event_queue_per_concurrency_id.values():
            has_place = queue.current_concurrency < (queue.concurrency_limit or math.inf)
            if has_place and len(queue.queue) > 1:  # it is asked a thousand times a second
                queue.queue.sort(key=lambda event: event.enqueue_time)
                turns = [tuple(self._turn(name) for name in _names(event)) for event in queue.queue]
                queue.queue.insert(0, queue.queue.pop(turns.index(min(turns))))
        found = super().get_events()
        for event in found[0] if found else ():
            for name in _names(event):
                self._last_turn.pop(name, None)
                self._turn(name)
        return found

    def _turn(self, name: str) -> int:
        """When this address or page had its last turn. To come counts as one: else ever new names would always be first."""
        if name not in self._last_turn:
            self._last_turn[name] = next(self._turns)
            while len(self._last_turn) > MOST_REMEMBERED:
                del self._last_turn[next(iter(self._last_turn))]
        return self._last_turn[name]

    def refusal(self, kind: Kind, session: str | None, address: str = "") -> str | None:
        """Why one question more of this kind is not taken from this page now; None where it is.

        One address may take half of the places that wait, so that it cannot keep all others out.
        """
        places, waiting = PLACES[kind], self._waiting(kind)
        mine = sum(event.session_hash == session for event in [*waiting, *self._answered(kind)])
        if session and mine >= places.of_one_page:
            return MINE[kind].format(n=mine)
        theirs = sum(address_of(event.request) == address for event in waiting) if address else 0
        if len(waiting) >= places.waiting or theirs >= math.ceil(places.waiting / 2):
            return FULL[kind].format(n=len(waiting), wait=spoken(self._seconds(kind, waiting)))
        return None

    def _waiting(self, kind: Kind) -> list[queueing.Event]:
        queue = self.event_queue_per_concurrency_id.get(kind)
        return queue.queue if queue else []

    def _answered(self, kind: Kind) -> list[queueing.Event]:
        return [event for job in self.active_jobs if job for event in job if event.concurrency_id == kind]

    def _announce(self, event: queueing.Event, kind: Kind) -> None:
        said, seconds = self.before(kind, *_names(event), but=event)
        if seconds >= TOLD_FROM_S:
            told = server_messages.LogMessage(
                log=said, level="info", title="Waiting", duration=min(60.0, seconds), visible=True
            )
            self.send_message(event, told)

    def before(self, kind: Kind, address: str, session: str, *, but: Any = None) -> tuple[str, float]:
        """What is answered before a new question of this page (which is `but`): in a sentence, and in seconds."""
        waiting = [event for event in self._waiting(kind) if event is not but]
        ahead = self._ahead(waiting, (address, session))
        seconds, many = self._seconds(kind, ahead), len(ahead) + len(self._answered(kind))
        return WAITING.format(n=f"{many} {'is' if many == 1 else 'are'}", wait=spoken(seconds)), seconds

    def _ahead(self, waiting: Sequence[queueing.Event], mine: tuple[str, str]) -> list[queueing.Event]:
        """Of those that wait, whose turn comes before that of a question by these names, which comes last."""
        asked = [*((_names(event), event) for event in waiting), (mine, None)]
        turns = {name: self._turn(name) for names, _ in asked for name in names}
        later, ahead = itertools.count(max(turns.values()) + 1), []
        while True:
            names, event = asked.pop(min(range(len(asked)), key=lambda i: [turns[name] for name in asked[i][0]]))
            if event is None:
                return ahead
            ahead.append(event)
            turns.update({name: next(later) for name in names})

    def _seconds(self, kind: Kind, ahead: Sequence[queueing.Event]) -> float:
        """How long these, and those being answered, will take, by how long such took before."""
        now, queue = time.time(), self.event_queue_per_concurrency_id.get(kind)
        left = sum(self._mean_seconds(event.fn) for event in ahead)
        running = queue.start_times_per_fn.items() if queue else ()
        left += sum(max(0.0, self._mean_seconds(fn) - (now - start)) for fn, starts in running for start in starts)
        return left / PLACES[kind].at_once

    def _mean_seconds(self, fn: Any) -> float:
        known = self.process_time_per_fn.get(fn)
        return known.avg_time if known else UNKNOWN_SECONDS.get(fn.concurrency_id, 1.0)

    # Whoever has gone

    async def _watch(self) -> None:
        while not self.stopped:
            await asyncio.sleep(EVERY_S)
            await self.drop_unheard(time.monotonic())

    async def drop_unheard(self, now: float) -> None:
        """Drop every question whose page has not listened for `UNHEARD_S`, or takes no news; and forget its news."""
        for event in [*self._all_waiting(), *(e for job in self.active_jobs if job for e in job)]:
            if event.alive and self._is_gone(event.session_hash, event.enqueue_time, now):
                await self.clean_events(event_id=event._id)
        self._forget_news(now)

    def _all_waiting(self) -> list[queueing.Event]:
        return [event for queue in self.event_queue_per_concurrency_id.values() for event in queue.queue]

    def _is_gone(self, session: str, asked: float, now: float) -> bool:
        unread = self.pending_messages_per_session.get(session)
        if unread is not None and unread.qsize() > UNREAD_MESSAGES:
            return True
        return not self._listeners[session] and now - max(asked, self._last_heard.get(session, 0.0)) > UNHEARD_S

    def _forget_news(self, now: float) -> None:
        """The news of pages that have gone, and what is known of their listening."""
        busy = {event.session_hash for event in self.event_ids_to_events.values()}
        for session in [*self.pending_messages_per_session]:
            self._last_heard.setdefault(session, now)
        for session, heard in [*self._last_heard.items()]:
            if session not in busy and not self._listeners[session] and now - heard > UNHEARD_S:
                del self._last_heard[session]
                self.pending_messages_per_session.pop(session, None)
                self.pending_event_ids_session.pop(session, None)


def _names(event: queueing.Event) -> tuple[str, str]:
    """By which turns are taken: where a question comes from, and the page that asks it."""
    return address_of(event.request), event.session_hash


def address_of(request: Any) -> str:
    """From where a request comes, as far as it is known."""
    client = getattr(request, "client", None)
    return client.host if client else ""


def spoken(seconds: float) -> str:
    """A waiting in words: in steps of five seconds, and from two minutes on in minutes."""
    if seconds < 120:
        return f"{max(5, 5 * math.ceil(seconds / 5))} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
