"""What each client asks, and what only it may be answered."""

import io
import itertools
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx
import numpy as np
from PIL import Image

from benchmarks._wire import Reply, Session

PATIENCE_SECONDS = 180.0
"""After which an answer counts as lost."""


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
