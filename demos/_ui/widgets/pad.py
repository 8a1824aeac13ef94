"""A pad to draw on: an HTML canvas for mouse, finger and pen, which hands its picture over after every stroke.

Gradio's own sketch pad wants a tool chosen before the first stroke, loads a WebGL engine and sends a picture on every
move; this one draws at once and sends one small PNG when the pen is lifted. Its value is that PNG as a `data:` address;
setting the value draws it. Below it stand pictures to begin from: `examples=[{"src": "data:…", "name": "a seven"}]`.
"""

from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from signals import image

SIDE = 280
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

TEMPLATE = """
<div class="wl-pad">
  <canvas width="%(side)d" height="%(side)d" tabindex="0" role="img" aria-label="${label}"></canvas>
  <p class="wl-pad-hint">Draw here</p>
  <div class="wl-strip" role="group" aria-label="Examples">
    ${examples.map((e, i) => `<button type="button" data-example="${i}" title="${e.name}" aria-label="Example: ${e.name}"><img alt="" src="${e.src}"></button>`).join('')}
  </div>
</div>
""" % {"side": SIDE}

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def pad(*, label: str, examples: list[dict[str, str]], **options: Any) -> gr.HTML:
    """The pad as a component; `.input` fires after a stroke and after a click on an example."""
    return gr.HTML(
        value="",
        label=label,
        html_template=TEMPLATE,
        js_on_load=SCRIPT,
        apply_default_css=False,
        examples=examples,
        **options,
    )


@cache
def digit_examples() -> list[dict[str, str]]:
    """scikit-learn's handwritten digits (UCI), which ship with the project."""
    return [
        {"name": f"a {path.stem}", "src": image.to_data_url(Image.open(path))}
        for path in sorted(EXAMPLES.glob("*.png"))
    ]


def upload(path: str) -> str:
    """Put a picture file on the pad; ValueError in a visitor's words where it cannot be read."""
    picture = image.read(path)
    picture.thumbnail((2 * SIDE, 2 * SIDE), Image.Resampling.BOX)
    return image.to_data_url(picture)
