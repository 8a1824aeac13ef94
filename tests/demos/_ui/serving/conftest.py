"""A small application as this house serves it, in this process, on a free port."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
import httpx
import pytest

from demos._ui.events import Wire
from demos._ui.serving.studio import Studio


def doubled(x: float) -> float:
    return 2 * x


def slowly(x: float) -> Iterator[float]:
    """A long training: a report every twentieth of a second."""
    for i in range(1200):
        yield x + i
        time.sleep(0.05)


def late(x: float) -> float:
    time.sleep(x / 100)
    return x


def kept(x: float, held: Any) -> tuple[str, Any]:
    """Holds a million bytes for each unit of `x`; with nothing, says what is held."""
    held = bytes(int(1e6 * x)) if x else held
    return f"{len(held or b'') / 1e6:.0f} MB", held


def made() -> Studio:
    """One slider, and an endpoint of each kind of work."""
    with Studio(analytics_enabled=False) as blocks:
        x, y, words, held = gr.Slider(0, 100, value=1), gr.Number(), gr.Textbox(), gr.State(None)
        choice = gr.Radio(["one", "two"], value="one")
        Wire(doubled, x, y).on(gr.Button("double").click, api="double")
        Wire(late, x, y).on(gr.Button("late").click, api="late")
        Wire(slowly, x, y, "training").on(gr.Button("train").click, api="train")
        Wire(kept, [x, held], [words, held]).on(gr.Button("keep").click, api="keep")
        Wire(lambda name: name, choice, words).on(gr.Button("choose").click, api="choose")
    return blocks.queue(default_concurrency_limit=1)


@pytest.fixture
def studio() -> Iterator[Studio]:
    blocks = made()
    blocks.launch(prevent_thread_lock=True, quiet=True, **blocks.options())
    yield blocks
    blocks.close()


@pytest.fixture
def http(studio: Studio) -> Iterator[httpx.Client]:
    """A client of it that goes through no proxy."""
    with httpx.Client(base_url=str(studio.local_url), trust_env=False, timeout=20) as client:
        yield client
