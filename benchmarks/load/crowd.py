"""All clients at once: what each asks in its time, and what came of it."""

import asyncio
import re
import time
from collections.abc import Sequence
from random import Random
from typing import Literal, NamedTuple

import psutil

from benchmarks import _wire
from benchmarks._wire import Reply, Session, Studio
from benchmarks.load.questions import Heard, Question

PAUSE_SECONDS = 2.0
LOOK_SECONDS = 5.0
MIX = {"digit": 5, "mixture": 2, "picture": 2, "ECG": 1}
"""How often each kind is asked, of ten."""
Outcome = Literal["right", "refused", "wrong", "lost"]
WAIT = re.compile(r"about (\d+) (second|minute)s?\.")
POLITE = (413, 429, 503)
MEBI = 2**20


class Asked(NamedTuple):
    """One question's end: asked so many seconds from the start, what came of it, how long it took, what was told."""

    at: float
    kind: str
    outcome: Outcome
    seconds: float
    told: float | None
    words: str = ""


def outcome(question: Question, heard: Heard) -> tuple[Outcome, str]:
    """What came of a question, and what was said where it was refused or lost."""
    last = heard.replies[-1]
    if last.answered:
        return ("right", "") if question.is_own(heard.found) else ("wrong", str(heard.found)[:200])
    words = last.error or last.body
    is_sentence = " " in words and words.rstrip().rstrip('"}').endswith((".", "!"))
    refused = is_sentence and (last.end is not None or last.status in POLITE)
    return ("refused" if refused else "lost"), words[:200] or f"nothing after {last.seconds:.0f} s"


def told(replies: Sequence[Reply]) -> float | None:
    """How many seconds the first wait would be, as the page was told in words; None where it was not told."""
    said = (WAIT.search(str(m.get("log"))) for m in replies[0].messages if m.get("msg") == "log")
    found = next(filter(None, said), None)
    return None if found is None else int(found[1]) * (60 if found[2] == "minute" else 1)


async def visit(session: Session, own: Sequence[Question], began: float, seconds: float, seed: int) -> list[Asked]:
    """One client: a question at most every `PAUSE_SECONDS`, until the time is over; every question's end."""
    draw, asked = Random(seed), list[Asked]()
    await asyncio.sleep(draw.uniform(0, PAUSE_SECONDS))
    while (at := time.perf_counter() - began) < seconds:
        (question,) = draw.choices(own, [MIX[q.kind] for q in own])
        heard = await question.ask(session)
        taken = time.perf_counter() - began - at
        came, words = outcome(question, heard)
        asked.append(Asked(at, question.kind, came, taken, told(heard.replies), words))
        await asyncio.sleep(max(0.0, PAUSE_SECONDS - taken))
    return asked


async def watch(pid: int, began: float, seconds: float) -> list[tuple[float, float]]:
    """The server's resident memory in MiB, every `LOOK_SECONDS`."""
    process, curve = psutil.Process(pid), list[tuple[float, float]]()
    while (at := time.perf_counter() - began) < seconds:
        curve.append((round(at, 1), round(process.memory_info().rss / MEBI, 1)))
        await asyncio.sleep(LOOK_SECONDS)
    return curve


async def crowd(
    url: str, pid: int, own: Sequence[Sequence[Question]], seconds: float
) -> tuple[list[Asked], list[tuple[float, float]]]:
    """All clients at once, and the server's memory meanwhile."""
    async with _wire.client(url) as http:
        studio: Studio = await _wire.read_studio(http)
        began = time.perf_counter()
        visits = [
            visit(Session(http, studio, f"load{i}x{time.time_ns()}"), mine, began, seconds, i)
            for i, mine in enumerate(own)
        ]
        watching = asyncio.create_task(watch(pid, began, seconds))
        asked = await asyncio.gather(*visits)
        return [one for visitor in asked for one in visitor], await watching
