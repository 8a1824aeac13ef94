"""The memory of the whole server at its bounds' worst: 200 pages bring the largest things that are taken, then go.

Every page brings one file that is small on the way and large once read, in turn: a picture of 16 million pixels in one
colour, a sound of five minutes at 48 kHz that is silent but for clicks, an ECG of half an hour, two voices; and every
tenth page trains, and takes its net. The pages let nothing of it go: the server keeps what its bounds let it keep. Then
all pages are idle, and are forgotten. Targets: below `SERVER_BYTES` all the while, and afterwards within 300 MiB of
what it was when every net had been loaded once and nobody was remembered.

The server is the real one, but that a page is idle after 45 s in place of 30 minutes.

    OMP_NUM_THREADS=1 python -m benchmarks.budget
"""

import asyncio
import io
import itertools
import sys
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx
import numpy as np
import psutil
import soundfile
from PIL import Image

from benchmarks import _wire
from benchmarks._report import Claim, arguments, machine, report, row
from benchmarks._server import Server, serving
from demos._ui.limits import GIB, MIB, SERVER_BYTES

PAGES = 200
IDLE_S = 45.0
LEFT_MIB = 300.0
LOOK_S = 0.25
PATIENCE_S = 400.0
STARTED = (
    "from datetime import timedelta; from demos._ui.serving import memory, sessions; "
    "sessions.IDLE = timedelta(seconds={idle}); memory.EVERY_S = 5.0; {more} import app; app.main()"
)
"""The real server, but for how long a page may be idle, and what is patched besides."""


class File(NamedTuple):
    """What a page brings, and to which event."""

    event: str
    name: str
    content: bytes


def picture() -> File:
    buffer = io.BytesIO()
    Image.new("RGB", (4000, 4000), (90, 10, 200)).save(buffer, "PNG")
    return File("super_resolution_upload", "large.png", buffer.getvalue())


def sound(event: str, *, seconds: int, rate_hz: int = 48_000) -> File:
    click_T = (8000 * np.sin(0.1 * np.arange(400))).astype(np.int16)
    second_T = np.concatenate([np.zeros(rate_hz - len(click_T), np.int16), click_T])
    buffer = io.BytesIO()
    soundfile.write(buffer, np.tile(second_T, seconds), rate_hz, format="FLAC")
    return File(event, "long.flac", buffer.getvalue())


def ecg(*, minutes: int = 30, rate_hz: int = 360) -> File:
    beat_T = np.exp(-0.5 * ((np.arange(rate_hz) - rate_hz / 2) / 5) ** 2)
    rows = "\n".join(f"{x:.3f}" for x in np.tile(beat_T, 60 * minutes))
    return File("judge_ecg", "long.csv", rows.encode())


@dataclass
class Watch:
    """The server's resident memory, looked at all the while, in MiB."""

    pid: int
    seen: list[float] = field(default_factory=list)

    async def look(self) -> None:
        process = psutil.Process(self.pid)
        while True:
            self.seen.append(process.memory_info().rss / MIB)
            await asyncio.sleep(LOOK_S)

    async def settled(self, *, seconds: float) -> float:
        """The least of the last five seconds, after waiting."""
        await asyncio.sleep(seconds)
        return min(self.seen[-int(5 / LOOK_S) :])


async def bring(session: _wire.Session, file: File) -> list[_wire.Reply]:
    """Upload the file, and ask what the page would ask."""
    event = session.studio.named(file.event)
    uploaded = await session.upload([(file.name, file.content)])
    if not isinstance(uploaded, list):
        raise SystemExit(f"{file.name} was not taken: {uploaded.text}")
    kinds = {at: session.studio.components[at].type for at in event.inputs}
    given = {at: uploaded[0] for at, kind in kinds.items() if kind in ("audio", "file", "image", "uploadbutton")}
    given = {at: [value] if session.studio.components[at].props.get("file_count") == "multiple" else value
             for at, value in given.items()}  # fmt: skip
    return await session.follow(event, session.values(event, given), longest=PATIENCE_S)


async def train(session: _wire.Session) -> list[_wire.Reply]:
    """Five seconds of the quickest training, and its net taken: the page then holds it."""
    event = session.studio.named("train_mnist_mlp")
    replies = await session.follow(event, [5, 0, *session.values(event)[2:]], longest=PATIENCE_S)
    return [*replies, *await session.follow(session.studio.named("use_mnist_mlp"), longest=PATIENCE_S)]


async def measured(
    server: Server, files: list[File], *, pages: int, idle_s: float = IDLE_S, trains_every: int = 10
) -> tuple[dict[str, float], list[str]]:
    """MiB at most while each file came once, when that is forgotten, at most, and at the end; and what was refused.

    With `trains_every` 0 no page trains, and no tab is opened first.
    """
    watch = Watch(server.pid)
    looking = asyncio.create_task(watch.look())
    refused: list[str] = []
    async with _wire.client(server.url) as http:
        studio = await _wire.read_studio(http)
        await visited(http, studio, files, everything=trains_every > 0)
        loaded = await watch.settled(seconds=idle_s + 20)
        before, once = len(watch.seen), max(watch.seen)
        for i, file in zip(range(pages), itertools.cycle(files), strict=False):
            session = _wire.Session(http, studio, f"page-{i}")
            replies = await bring(session, file)
            if trains_every and i % trains_every == 0:
                replies += await train(session)
            refused += [f"{file.name}: {reply.error or reply.body}" for reply in replies if not reply.answered]
        most = max(watch.seen[before:])
        after = await watch.settled(seconds=idle_s + 20)
    looking.cancel()
    return {"once": once, "loaded": loaded, "most": most, "after": after}, refused


async def visited(http: httpx.AsyncClient, studio: _wire.Studio, files: list[File], *, everything: bool) -> None:
    """Bring each file once, and with `everything` open every tab and train: whatever is loaded for good is loaded."""
    for file in files:
        await bring(_wire.Session(http, studio, f"first-{file.event}"), file)
    if not everything:
        return
    session = _wire.Session(http, studio, "first")
    for tab in {studio.tab_of(event) for event in studio.events.values()} - {None}:
        await session.open(tab, longest=PATIENCE_S)
    await train(session)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    options = parser.parse_args()
    measured_on, began = machine(), time.monotonic()
    files = [picture(), sound("denoise_file", seconds=300), ecg(), sound("compare_voices", seconds=60)]
    pages = 8 if options.quick else options.pages
    with serving("-c", STARTED.format(idle=IDLE_S, more=""), WAVELENS_DATA="", WAVELENS_TRAINING="short") as server:
        found, refused = asyncio.run(measured(server, files, pages=pages))
    rows = [
        row("every net loaded once, every page forgotten", [found["loaded"]], unit="MiB"),
        row(f"at most, while {pages} pages bring the largest that is taken", [found["most"]], unit="MiB"),
        row("after every page was forgotten", [found["after"]], unit="MiB"),
    ]
    left = found["after"] - found["loaded"]
    claims = [
        Claim(name="memory at most, GiB", value=found["most"] * MIB / GIB, target=f"< {SERVER_BYTES / GIB:.0f}",
              met=found["most"] * MIB < SERVER_BYTES),
        Claim(name="MiB left behind", value=left, target=f"≤ {LEFT_MIB:.0f}", met=left <= LEFT_MIB),
    ]  # fmt: skip
    notes = [f"{len(refused)} of the questions were refused.", *sorted(set(refused))[:5]] if refused else []
    report("budget", measured_on, rows, claims=claims, notes=notes, keep=not options.quick)
    print(f"{time.monotonic() - began:.0f} s")
    if not all(claim["met"] for claim in claims):
        sys.exit(1)


if __name__ == "__main__":
    main()
