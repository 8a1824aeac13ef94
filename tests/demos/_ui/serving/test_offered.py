"""What the page sends passes, and nothing else (HOLD.md, `null` and other kinds)."""

from typing import Any

import gradio as gr
import pytest

from demos._ui.serving.offered import NOT_OFFERED, refuse_what_is_not_offered

CASES = [
    (lambda: gr.Radio(["a", "b"], value="a"), ["a"], [None, ["a"]]),
    (lambda: gr.Radio(["a", "b"]), ["a", None], [["a"]]),
    (lambda: gr.Dropdown(["a", "b"], value="a"), ["b"], [None, ["a"], ["a"] * 50_000]),
    (lambda: gr.Dropdown(["a", "b"], value=None), ["b", None], [["a"]]),
    (lambda: gr.Dropdown(["a", "b"], value=["a"], multiselect=True), [["a", "b"]], [None]),
    (lambda: gr.Slider(0, 1, value=0.5), [0.2], [None]),
    (lambda: gr.Checkbox(), [True, False], [None, "yes", 1]),
    (lambda: gr.UploadButton("x"), [{"path": "x"}], [None]),
    (lambda: gr.HTML("0.5 0.5"), ["0.1 0.2", None], [{"a": 1}, ["a"], 7]),
    (lambda: gr.HTML(None), ["x", None, {"key": "a", "src": "b"}], [["a"], 7]),
    (lambda: gr.HTML(""), ["x", None, {"pcm": "AA=="}], [["a"], 7]),
    (lambda: gr.Number(0), [1, None], []),
]


@pytest.mark.parametrize(("made", "taken", "refused"), CASES)
def test_a_value_is_of_its_control_s_kind(made: Any, taken: list[Any], refused: list[Any]) -> None:
    with gr.Blocks():
        block = made()
    for value in taken:
        refuse_what_is_not_offered([block], [value])
    for value in refused:
        with pytest.raises(ValueError, match="nothing that the page offers"):
            refuse_what_is_not_offered([block], [value])
    for values in ([], [*taken, *taken, None]):
        with pytest.raises(ValueError, match=NOT_OFFERED[:20]):
            refuse_what_is_not_offered([block], values)
