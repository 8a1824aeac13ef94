"""Fifty visitors at once for ten minutes, each of whom checks that every answer is his own.

A client has a session of its own and asks, at most every two seconds, one of four things that nobody else asks: a digit
(its own among ten, turned by its own angle), a mixture (its own voice, noise and ratio), a picture to enlarge (its own,
in two questions, so that what the session holds counts) and an ECG (its own lead under its own name). What must come
back was computed beforehand, by the tabs' own handlers in this process; no two of it are alike. An answer is *right*
where it is that, *wrong* where it is anything else, *refused* where a sentence says why there is none, and *lost* where
nothing came, or no sentence, or too late. The server's memory is read every five seconds; flat means that its mean over
the last quarter is within 5 % of that over the third. How long a wait will be, the server
says when it takes the question.

    OMP_NUM_THREADS=1 python -m benchmarks.load
"""

import asyncio
import io
import itertools
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal, NamedTuple

import httpx
import numpy as np
import psutil
from PIL import Image

from benchmarks import _wire
from benchmarks._report import Claim, Row, arguments, claim, machine, report, row
from benchmarks._server import APP, serving
from benchmarks._wire import Reply, Session, Studio

PAUSE_SECONDS = 2.0
PATIENCE_SECONDS = 180.0
"""After which an answer counts as lost."""
LOOK_SECONDS = 5.0
FLAT = 0.05
LONG_SECONDS = 5.0
"""A wait that should have been told."""
MIX = {"digit": 5, "mixture": 2, "picture": 2, "ECG": 1}
"""How often each kind is asked, of ten."""
Outcome = Literal["right", "refused", "wrong", "lost"]
WAIT = re.compile(r"about (\d+) (second|minute)s?\.")
POLITE = (413, 429, 503)
MEBI = 2**20


class Heard(NamedTuple):
    """All replies to one question, and what was found in the last one that is to be compared."""

    replies: list[Reply]
    found: Any


@dataclass(frozen=True)
class Question:
    """What one client asks, and what only it may be answered."""

    kind: str
    expected: Any
    ask: Callable[[Session], Awaitable[Heard]]

    def is_own(self, found: Any) -> bool:
        """Whether that is this question's answer; pictures may differ by one of 255 in a pixel."""
        if isinstance(self.expected, np.ndarray):
            same = isinstance(found, np.ndarray) and found.shape == self.expected.shape
            return same and int(np.abs(found.astype(int) - self.expected.astype(int)).max()) <= 1
        return found == self.expected


class Asked(NamedTuple):
    """One question's end: asked so many seconds from the start, what came of it, how long it took, what was told."""

    at: float
    kind: str
    outcome: Outcome
    seconds: float
    told: float | None
    words: str = ""


# What is asked


def questions(clients: int) -> list[list[Question]]:
    """For each client one question of every kind; ValueError where two clients' answers could not be told apart."""
    makers = (digit, mixture, picture, ecg)
    found = [[make(i) for make in makers] for i in range(clients)]
    for of_a_kind in zip(*found, strict=True):
        for a, b in itertools.combinations(of_a_kind, 2):
            if a.is_own(b.expected):
                raise ValueError(f"Two clients ask the same {a.kind}: their answers could not be told apart.")
    return found


def digit(i: int) -> Question:
    """One of the ten examples, turned by an angle of its own; its answer is the digit as the net sees it."""
    from demos._ui.widgets.pad import EXAMPLES
    from demos.digits.tab import read_digit
    from signals import image

    turned = Image.open(EXAMPLES / f"{i % 10}.png").convert("L").resize((112, 112)).rotate(3 * (i // 10) - 6)
    address = image.to_data_url(turned)

    async def ask(session: Session) -> Heard:
        event = session.studio.named("read_digit")
        reply = await session.ask(event, [None, address, None], longest=PATIENCE_SECONDS)
        return Heard([reply], reply.outputs[1] if reply.answered else None)

    return Question("digit", str(read_digit(None, address).seen), ask)


def mixture(i: int) -> Question:
    """A voice, a noise and a ratio; its answer is the title, the verdict and what the four pictures are in words."""
    from demos.denoising import mixing
    from demos.denoising.nets import OURS, SHIPPED
    from demos.denoising.tab import denoise_mixture

    speeches, noises = list(mixing.speeches()), list(mixing.noises())
    asked = (speeches[i % len(speeches)], noises[7 * i % len(noises)], i % 21 - 5)

    async def ask(session: Session) -> Heard:
        event = session.studio.named("denoise_mixture")
        reply = await session.ask(event, [*asked, OURS, SHIPPED, None], longest=PATIENCE_SECONDS)
        return Heard([reply], _desk(reply.outputs[3]) if reply.answered else None)

    *_, last = denoise_mixture(*asked, OURS, SHIPPED, None)
    return Question("mixture", _desk(last.players), ask)


def _desk(players: Any) -> Any:
    """What is in the players: the title, and each side's level and spectrum in words."""
    if not isinstance(players, dict) or "pictures" not in players:
        return None
    return players["title"], [f"{name}: {shown['words']}" for name, shown in sorted(players["pictures"].items())]


def picture(i: int) -> Question:
    """A picture, uploaded and enlarged twice; its answer is the result, pixel for pixel."""
    from demos.super_resolution import nets, tab
    from demos.super_resolution.layout import TWICE

    draw, names = Random(i), (TWICE, nets.OURS)
    tint = np.array([draw.uniform(0.3, 1) for _ in range(3)])
    y_HW, x_HW = np.mgrid[0:48, 0:64]
    waves_HW = 0.5 + 0.25 * np.sin(x_HW / draw.uniform(3, 9)) + 0.25 * np.cos(y_HW / draw.uniform(3, 9))
    small = Image.fromarray((255 * waves_HW[..., None] * tint).round().astype(np.uint8))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")

    async def ask(session: Session) -> Heard:
        upload = session.studio.named("super_resolution_upload")
        enlarge = session.studio.named("super_resolution")
        taken = await session.upload([(f"own{i}.png", buffer.getvalue())])
        if isinstance(taken, httpx.Response):
            return Heard([Reply(taken.status_code, 0.0, body=taken.text)], None)
        first = await session.ask(upload, taken, longest=PATIENCE_SECONDS)
        if not first.answered:
            return Heard([first], None)
        values = [None, *names, nets.BICUBIC, None]
        second = await session.ask(enlarge, values, longest=PATIENCE_SECONDS)
        found = await _shown(session, second.outputs[0]) if second.answered else None
        return Heard([first, second], found)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"own{i}.png")
        path.write_bytes(buffer.getvalue())
        whole = tab.read_upload(str(path)).picture
    result = tab.restore(whole, *names, nets.BICUBIC, None).result
    return Question("picture", np.asarray(result.picture.pillow().convert("RGB")), ask)


async def _shown(session: Session, handle: Any) -> Any:
    """The picture after, fetched as the page does."""
    if not isinstance(handle, dict) or not handle.get("after"):
        return None
    response = await session.http.get(handle["after"]["url"])
    if response.status_code != 200:
        return None
    return np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB"))


def ecg(i: int) -> Question:
    """A simulated lead at a pulse of its own, under a name of its own; its answer is the table of what was counted."""
    from demos.heartbeats.tab import show_files
    from signals.synthetic_ecg import simulate

    lead = simulate(20, beats_per_minute=55 + i % 60, pattern=("N",) * (3 + i % 4) + ("V",), seed=i)
    name, content = f"lead-{i}.csv", "\n".join(f"{x:.4f}" for x in lead.x_T).encode()

    async def ask(session: Session) -> Heard:
        taken = await session.upload([(name, content)])
        if isinstance(taken, httpx.Response):
            return Heard([Reply(taken.status_code, 0.0, body=taken.text)], None)
        event = session.studio.named("judge_ecg")
        reply = await session.ask(event, [taken, 360, False, None], longest=PATIENCE_SECONDS)
        return Heard([reply], reply.outputs[5] if reply.answered else None)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        return Question("ECG", str(show_files([str(path)], 360, False, None).counts), ask)


# Asking


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


# What it comes to


def growth(curve: Sequence[tuple[float, float]]) -> float:
    """By how much the memory's mean over the last quarter of the time differs from that over the third, as a share."""
    quarter = max(1, len(curve) // 4)
    third, last = (
        statistics.mean(mib for _, mib in part) for part in (curve[-2 * quarter : -quarter], curve[-quarter:])
    )
    return abs(last - third) / third


def timings(asked: Sequence[Asked]) -> list[Row]:
    """How long right answers took, kind by kind."""
    kinds = {kind: [one.seconds for one in asked if one.kind == kind and one.outcome == "right"] for kind in MIX}
    return [row(f"{kind}, until it is answered", seconds, unit="s") for kind, seconds in kinds.items() if seconds]


def counted(asked: Sequence[Asked]) -> dict[str, Any]:
    """How many questions of each kind came to what."""
    outcomes: tuple[Outcome, ...] = ("right", "refused", "wrong", "lost")
    count = Counter((one.kind, one.outcome) for one in asked)
    rows = [[kind, sum(count[kind, o] for o in outcomes), *(count[kind, o] for o in outcomes)] for kind in MIX]
    rows.append(["all", len(asked), *(sum(count[kind, o] for kind in MIX) for o in outcomes)])
    return {"caption": "What came of the questions", "columns": ["kind", "asked", *outcomes], "rows": rows}


def remembered(curve: Sequence[tuple[float, float]], most: int = 12) -> dict[str, Any]:
    """The memory over time, at about a dozen moments."""
    some = curve[:: max(1, -(-len(curve) // most))]
    rows = [[f"{at:.0f}", f"{mib:,.0f}"] for at, mib in some]
    return {"caption": "The server's memory", "columns": ["s", "MiB"], "rows": rows}


def waits(asked: Sequence[Asked]) -> str:
    """Whether long waits were told."""
    long = [one for one in asked if one.seconds > LONG_SECONDS and one.outcome == "right"]
    known = [one for one in long if one.told]
    if not long:
        return f"No answer took longer than {LONG_SECONDS:.0f} s."
    shares = [(one.told or 0) / one.seconds for one in known]
    ratio = f"; the median of told to real is {statistics.median(shares):.2f}" if shares else ""
    return (
        f"{len(long):,} answers took longer than {LONG_SECONDS:.0f} s; of {len(known):,} it was said beforehand "
        f"how long{ratio}."
    )


def claims(asked: Sequence[Asked], curve: Sequence[tuple[float, float]]) -> list[Claim]:
    count = Counter(one.outcome for one in asked)
    return [
        claim("answers that were not the client's own", count["wrong"], "≤", 0),
        claim("questions without an answer or a sentence", count["lost"], "≤", 0),
        claim("memory, last quarter against the third, as a share", growth(curve), "≤", FLAT),
    ]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    clients, seconds = (5, 15.0) if options.quick else (options.clients, options.seconds)
    measured_on = machine()
    own = questions(clients)
    print(f"{clients} clients, four questions each, no two answers alike", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="load") as files,
        serving(*APP, GRADIO_TEMP_DIR=files) as server,
    ):
        asked, curve = asyncio.run(crowd(server.url, server.pid, own, seconds))
    odd = Counter((one.kind, one.outcome, one.words) for one in asked if one.outcome != "right")
    notes = [
        f"{clients} clients for {seconds:.0f} s, a question every {PAUSE_SECONDS:g} s at most by each.",
        waits(asked),
    ]
    notes += [f"{n} × {kind}, {came}: {words}" for (kind, came, words), n in odd.most_common(8)]
    promised = claims(asked, curve)
    tables = {"answers": counted(asked), "memory": remembered(curve), "curve": curve}
    report("load", measured_on, timings(asked), claims=promised, notes=notes, tables=tables, keep=not options.quick)
    print(counted(asked)["rows"])
    return int(any(not one["met"] for one in promised[:2]))


if __name__ == "__main__":
    sys.exit(main())
