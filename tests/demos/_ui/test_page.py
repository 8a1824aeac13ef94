"""The parts of a page: what is folded away is made when it is opened, the number stands open in plain words."""

from pathlib import Path

import gradio as gr
import pytest

from demos._ui import page
from models.mlp import MLP
from training import Recipe


def test_the_card_is_made_when_its_fold_is_opened(recipe: Recipe[MLP], checkpoints: Path) -> None:
    asked: list[str] = []

    def more() -> str:
        asked.append("more")
        return "and more"

    with gr.Blocks() as blocks, gr.Tab("A tab"):
        page.how_good(recipe, "It knows three blobs.", more)
    (event,) = blocks.fns.values()
    opened = [(type(blocks.blocks[i]).__name__, what) for i, what in event.targets if i is not None]
    assert opened == [("Accordion", "expand")] and event.concurrency_id == "answer" and not asked
    assert event.fn is not None
    found = event.fn()
    assert "python -m training fit tiny" in found and found.endswith("and more") and asked == ["more"]
    shown = " ".join(str(block.value) for block in blocks.blocks.values() if isinstance(block, gr.HTML))
    assert "It knows three blobs." in shown and "not trained yet" in shown


def test_what_belongs_to_a_visit_is_made_when_its_tab_is_opened() -> None:
    with gr.Blocks() as blocks, gr.Tab("A tab") as tab, gr.Row():
        page.on_visit(lambda: "now")
    (event,) = blocks.fns.values()
    assert event.targets == [(tab._id, "select")] and event.fn is not None and event.fn() == "now"


def test_on_visit_stands_in_a_tab() -> None:
    with gr.Blocks(), pytest.raises(AssertionError, match="in a tab"):
        page.on_visit(lambda: "never")
