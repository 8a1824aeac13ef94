"""What a control can send passes, and what it cannot is refused before any handler sees it."""

from typing import Any

import gradio as gr
import pytest
from gradio.blocks import Block

from demos._ui.serving.offered import NOT_OFFERED, refuse_what_is_not_offered

PICKED = {"key": "3", "src": "data:,"}


def radio() -> gr.Radio:
    return gr.Radio(["one", "two"], value="one")


def dropdown(**options: Any) -> gr.Dropdown:
    return gr.Dropdown(["one", "two"], **options)


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (radio(), "two"),
        (gr.Radio(["one"]), None),
        (dropdown(value="one"), "two"),
        (dropdown(multiselect=True, value=["one"]), ["one", "two"]),
        (gr.Checkbox(), False),
        (gr.HTML("data:,a"), "data:,b"),
        (gr.HTML("data:,a"), None),
        (gr.HTML(None), PICKED),
        (gr.HTML(), "data:,b"),
        (gr.HTML(""), {"pcm": "", "rate": 16_000}),
    ],
    ids=str,
)
def test_what_a_control_sends_passes(block: Block, value: Any) -> None:
    refuse_what_is_not_offered([block], [value])


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (radio(), None),
        (gr.Slider(0, 1, value=0.5), None),
        (dropdown(value="one"), None),
        (dropdown(value="one"), ["one", "two"]),
        (dropdown(value=None), [["one"]] * 5),
        (gr.Checkbox(), "yes"),
        (gr.UploadButton(), None),
        (gr.HTML("data:,a"), PICKED),
        (gr.HTML("0.5 0.5"), [0.5, 0.5]),
    ],
    ids=str,
)
def test_what_no_control_sends_is_refused(block: Block, value: Any) -> None:
    with pytest.raises(ValueError, match=NOT_OFFERED):
        refuse_what_is_not_offered([block], [value])


def test_as_many_values_as_controls() -> None:
    with pytest.raises(ValueError, match=NOT_OFFERED):
        refuse_what_is_not_offered([radio()], ["one", "two"])
