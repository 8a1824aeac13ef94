"""A picture that is being looked at, and below it the examples to pick another from.

Its value is `{"key": …, "src": …}`: what is known by the key need not be looked for by its pixels, and `src` is the
picture as a `data:` address. Setting the value shows it. Small pictures are shown as their pixels are.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

TEMPLATE = """
<div class="wl-picker">
  <div class="wl-picker-picture">${value && value.src ? `<img alt="The picture that is being read" src="${value.src}">` : `<p>${hint}</p>`}</div>
  <div class="wl-picker-strip" role="group" aria-label="Examples">
    ${examples.map((e, i) => `<button type="button" data-example="${i}" title="${e.name}" aria-label="Example: ${e.name}"><img alt="" src="${e.src}"></button>`).join('')}
  </div>
</div>
"""
GALLERY = """
<div class="wl-gallery" role="group" aria-label="Examples">
  ${examples.map((e, i) => `<button type="button" data-example="${i}" aria-pressed="${!!value && value.key === e.key}"><img alt="" src="${e.src}"><span>${e.name}</span></button>`).join('')}
</div>
"""
"""Examples alone, each over its name: for a tab that shows the picture itself elsewhere."""
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


class Picked(NamedTuple):
    """What stands in the picker: the key of what is known, “” for a picture from outside, and its `data:` address."""

    key: str
    src: str


def picker(*, label: str, hint: str, examples: list[dict[str, str]], **options: Any) -> gr.HTML:
    """The picker as a component; `.input` fires after a click on an example `{"key", "src", "name"}`."""
    return gr.HTML(
        value=None,
        label=label,
        html_template=TEMPLATE,
        js_on_load=SCRIPT,
        apply_default_css=False,
        hint=hint,
        examples=examples,
        **options,
    )


def gallery(*, label: str, examples: Sequence[dict[str, str]] = (), **options: Any) -> gr.HTML:
    """A picker's examples in one row, each over its name, the chosen one marked; the same value and the same event."""
    return gr.HTML(
        value=None, label=label, html_template=GALLERY, js_on_load=SCRIPT, apply_default_css=False, examples=list(examples),
        **options,
    )  # fmt: skip


def shown(src: str, key: str = "") -> dict[str, str]:
    """The picker's value for a picture."""
    return {"key": key, "src": src}


def picked(value: Any) -> Picked | None:
    """What the page handed over, or a bare `data:` address from an API; None where nothing is picked yet."""
    if isinstance(value, dict):
        key, src = value.get("key"), value.get("src")
        return Picked(str(key or ""), str(src)) if src or key else None
    return Picked("", value) if isinstance(value, str) and value else None
