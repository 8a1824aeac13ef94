"""Whether what a request brings is what the page offers: a choice made, a number within its bounds, a text for a text."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.blocks import Block

NOT_OFFERED = (
    "This is nothing that the page offers: a choice, a number or a file is not as it should be. Load the page again."
)


def refuse_what_is_not_offered(blocks: Sequence[Block], values: Sequence[Any]) -> None:
    """ValueError where a value is none that its control on the page can take.

    Gradio itself looks at choices and bounds, but lets nothing at all (null) pass everywhere.
    """
    if len(values) != len(blocks) or not all(map(_offers, blocks, values)):
        raise ValueError(NOT_OFFERED)


def _offers(block: Block, value: Any) -> bool:
    initial = getattr(block, "value", None)
    if isinstance(block, gr.Radio | gr.Slider | gr.Dropdown):
        return value is not None or initial is None
    if isinstance(block, gr.UploadButton):
        return value is not None
    if isinstance(block, gr.Checkbox):
        return isinstance(value, bool)
    if isinstance(
        block, gr.HTML
    ):  # a widget, which sends text, but for one whose own text is empty: it sends what it likes
        return value is None or isinstance(value, str) or initial == ""
    return True
