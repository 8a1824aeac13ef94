"""What the server remembers of pages is bounded; who is forgotten goes by use, and is told without blame."""

from datetime import datetime
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from demos._ui import limits
from demos._ui.serving import sessions
from demos._ui.serving.sessions import FORGOTTEN, TOO_MUCH, Sessions, storages
from models.mlp import MLP
from training import Recipe, Run

MB = 10**6


@pytest.fixture
def page() -> Any:
    """Sessions of a page with one state, and a way to hold something in one."""
    with gr.Blocks() as blocks:
        state, _ = gr.State(None), gr.HTML("<p>" + 1000 * "shown ")
    kept = Sessions()
    kept.set_blocks(blocks)

    def hold(name: str, value: Any) -> int:
        kept[name][state._id] = value
        return kept.weigh(name)

    return kept, hold


def test_of_too_many_pages_one_that_holds_nothing_goes_first(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HOLD.md G: two hundred cheap pages pushed an enrolled voice out."""
    monkeypatch.setattr(sessions, "SESSIONS", 5)
    kept, hold = page
    hold("enrolled", torch.zeros(256))
    for i in range(30):
        assert kept[f"cheap-{i}"].state_data == {}
    assert len(kept.session_data) == 5 and "enrolled" in kept and kept.forgotten("enrolled") is None
    for i in range(5):
        hold(f"busy-{i}", torch.zeros(256))
    assert "enrolled" not in kept and kept.forgotten("enrolled") == FORGOTTEN
    assert kept.forgotten("enrolled") is None, "it is said once"
    assert kept.forgotten("cheap-3") is None, "who held nothing lost nothing"


def test_bytes_are_bounded_by_page_and_in_all(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HOLD.md E."""
    monkeypatch.setattr(sessions, "SESSION_BYTES", 10 * MB)
    monkeypatch.setattr(sessions, "HELD_BYTES", 25 * MB)
    kept, hold = page
    for i in range(40):
        assert hold(f"page-{i}", Image.new("RGB", (1000, 3000))) == 9 * MB
        assert kept.held <= 25 * MB
    assert "page-39" in kept and "page-38" in kept and "page-37" not in kept
    assert hold("greedy", torch.zeros(4 * MB)) == 16 * MB
    assert "greedy" not in kept and kept.forgotten("greedy") == TOO_MUCH and "page-39" in kept
    hold("page-39", None)
    assert kept.held == 9 * MB, "what is let go is not counted any more"


def test_an_idle_page_is_forgotten_and_one_at_work_is_not(page: Any) -> None:
    kept, hold = page
    hold("gone", b"x" * 2000)
    hold("here", b"y" * 2000)
    kept.time_last_used["gone"] = datetime.now() - limits.IDLE * 1.01
    kept.forget_idle()
    assert "gone" not in kept and "here" in kept and set(kept.time_last_used) == {"here"}
    assert kept.forgotten("gone") == FORGOTTEN


def test_a_session_copies_nothing_of_what_the_page_shows(page: Any) -> None:
    kept, hold = page
    hold("one", "state")
    kept["one"]._update_value_in_config(1, "an answer " * 1000)
    assert kept["one"].config_values == {}


def test_what_is_shared_counts_once() -> None:
    weights, array = torch.zeros(1000), np.zeros((100, 100))
    net = torch.nn.Linear(100, 10, bias=False)

    class Reading:
        def __init__(self) -> None:
            self.all, self.half, self.rows = weights, weights[:500], array[3:]

    counted = storages([Reading(), {"again": [weights, (array[:1],)]}, net, b"z" * 3000, net])
    assert sum(counted.values()) == 4000 + 80_000 + 4000 + 3000
    assert storages([1, "short", "", None, len, torch]) == {}


def test_two_pages_that_share_hold_it_once(page: Any) -> None:
    kept, hold = page
    shared = torch.zeros(MB)
    hold("one", [shared, torch.zeros(MB)])
    hold("two", [shared[10:], b"x" * MB])
    assert kept.held == 9 * MB
    hold("one", None)
    assert kept.held == 5 * MB, "the other holds it still"
    hold("two", shared)
    hold("two", None)
    assert kept.held == 0 and not kept._bytes and not kept._holders


def test_the_data_of_a_training_is_not_its_page_s_own(
    page: Any, recipe: Recipe[MLP], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, hold = page
    run = Run(recipe)
    whole, data = (sum(storages(value).values()) for value in (run, run.splits))
    monkeypatch.setattr(sessions, "SESSION_BYTES", whole - data)
    monkeypatch.setattr(sessions, "HELD_BYTES", whole - data)
    hold("earlier", torch.zeros(1000))
    assert hold("trains", run) == whole - data < kept.held
    assert "trains" in kept and "earlier" not in kept, "it counts in all, and whoever is at work is not forgotten"
