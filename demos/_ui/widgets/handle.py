"""Two pictures of one thing under a handle: what lies left of it is the one before, what lies right the one after.

It is dragged, set by a click anywhere, and moved by keys: beneath it is a slider of the page's own (WCAG 2.2, 2.5.7).
Its value is what `under_handle` gives; where the handle stands is the page's affair, and no event of it goes out.
"""

import io
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from demos._ui.sound import served

TEMPLATE = """
<div class="wl-handle">
  ${value && value.after ? `<div class="wl-handle-pictures" style="aspect-ratio: ${value.size[0]} / ${value.size[1]}; --wl-ratio: ${value.size[0] / value.size[1]}; --wl-at: 50%">
  <img class="wl-handle-after" alt="${value.words}" src="${value.after.url}" draggable="false">
  <img class="wl-handle-before" alt="" src="${value.before.url}" draggable="false">
  <span class="wl-handle-name" aria-hidden="true">${value.names[0]}</span><span class="wl-handle-name wl-handle-right" aria-hidden="true">${value.names[1]}</span>
  <input type="range" min="0" max="100" step="1" value="50" aria-label="${label}"><i class="wl-handle-line" aria-hidden="true"></i></div>` : ''}
</div>
"""
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def handle(*, label: str, **options: Any) -> gr.HTML:
    """The pictures and the handle as a component; `label` names the handle."""
    return gr.HTML(
        value=None, label=label, html_template=TEMPLATE, js_on_load=SCRIPT, apply_default_css=False, **options
    )


def under_handle(before: Image.Image, after: Image.Image, names: tuple[str, str], words: str) -> dict[str, Any]:
    """Two pictures of one size with their names, and a sentence for whoever does not see them; to the pixel."""
    files = {"before": before, "after": after}
    return {
        **{key: served(_lossless(picture), f"{key}.webp") for key, picture in files.items()},
        "names": list(names),
        "words": words,
        "size": list(after.size),
    }


def _lossless(picture: Image.Image) -> bytes:
    """As WebP without loss: three quarters of a PNG, in an eighth of the time."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=True, quality=0, method=0, exact=True)
    return buffer.getvalue()
