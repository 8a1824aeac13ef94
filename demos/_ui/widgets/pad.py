"""A board to draw on, light on dark as MNIST is, for mouse, finger and pen; and a strip of digits to begin from.

Gradio's own sketch pad wants a tool chosen before the first stroke, loads a WebGL engine and sends a picture on every
move; this one draws at once and sends one small PNG when the pen is lifted. Its value is that PNG as a `data:` address;
setting the value shows it, and the next stroke begins on an empty board.
"""

from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from demos._ui.events import Wire
from signals import image

SIDE = 280
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

BOARD = """
<div class="wl-pad">
  <canvas width="%(side)d" height="%(side)d" tabindex="0" role="img" aria-label="${label}"></canvas>
  <p>Draw your own on the board.</p>
</div>
""" % {"side": SIDE}
STRIP = """
<div class="wl-strip" role="group" aria-label="${label}">
  ${examples.map((e, i) => `<button type="button" data-example="${i}" title="${e.name}" aria-label="Example: ${e.name}"><img alt="" src="${e.src}"></button>`).join('')}
</div>
"""
FOLDER = Path(__file__).parent
COPIED = "(address) => address"
"""In the page: what was chosen goes onto the board without a word to the server."""


def pad(*, label: str, **options: Any) -> gr.HTML:
    """The board as a component; `.input` fires after a stroke."""
    script = (FOLDER / "pad.js").read_text(encoding="utf-8")
    return gr.HTML(label=label, html_template=BOARD, js_on_load=script, apply_default_css=False, **options)


def strip(*, label: str) -> gr.HTML:
    """Ten digits in a row as a component; `.input` fires after a click, and its value is the `data:` address."""
    script = (FOLDER / "strip.js").read_text(encoding="utf-8")
    return gr.HTML(
        "", label=label, html_template=STRIP, js_on_load=script, apply_default_css=False, examples=digit_examples()
    )  # fmt: skip


def taking(chosen: gr.HTML, drawing: gr.HTML) -> Wire:
    """What puts the digit that was chosen on a strip onto the board."""
    return Wire(None, chosen, drawing, script=COPIED)


@cache
def digit_examples() -> list[dict[str, str]]:
    """Ten of MNIST's test digits, which ship with the project."""
    return [
        {"name": f"a {path.stem}", "src": image.to_data_url(Image.open(path))}
        for path in sorted(EXAMPLES.glob("*.png"))
    ]


def example(digit: int) -> str:
    """One of the ten, as a `data:` address."""
    return digit_examples()[digit]["src"]


def upload(path: str) -> str:
    """Put a picture file on the pad; ValueError in a visitor's words where it cannot be read."""
    picture = image.read(path)
    picture.thumbnail((2 * SIDE, 2 * SIDE), Image.Resampling.BOX)
    return image.to_data_url(picture)
