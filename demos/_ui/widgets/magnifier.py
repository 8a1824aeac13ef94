"""A magnifier's frame over a picture: dragged, clicked or moved by the arrow keys, it says which spot to look at.

Its value is the middle of the frame as shares of width and height, “0.50 0.50”; `shown` is the picture as a `data:`
address, `frame` the frame's width and height as shares of the picture's.
"""

import math
from pathlib import Path
from typing import Any

import gradio as gr

TEMPLATE = """
<div class="wl-magnifier">
  ${shown ? `<div class="wl-magnifier-picture"><img alt="The picture, with a frame around the magnified spot" src="${shown}" draggable="false">
  <div class="wl-frame" role="slider" tabindex="0" aria-label="${label}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${Math.round(100 * Number((value || '0.5 0.5').split(' ')[0]))}" aria-valuetext="${(value || '0.5 0.5').split(' ').map((v) => Math.round(100 * Number(v)) + ' %').join(' across, ')} down"></div></div>` : ''}
</div>
"""
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def magnifier(*, label: str, **options: Any) -> gr.HTML:
    """The magnifier as a component; `.input` fires when the frame has been moved."""
    return gr.HTML(
        value="0.5 0.5",
        label=label,
        html_template=TEMPLATE,
        js_on_load=SCRIPT,
        apply_default_css=False,
        shown="",
        frame=[0.2, 0.2],
        **options,
    )


def place(value: str | None) -> tuple[float, float]:
    """The middle of the frame as shares of width and height; ValueError where the value is none."""
    try:
        x, y = map(float, (value or "0.5 0.5").split())
        if not math.isfinite(x + y):
            raise ValueError
    except (AttributeError, ValueError):  # what is sent need not come from our page
        raise ValueError("The magnifier's place is not two numbers: move its frame again.") from None
    return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
