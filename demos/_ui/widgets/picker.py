"""A tray for a picture: it shows the one that is being looked at, and below it the examples to begin from.

Its value is the picture as a `data:` address; setting the value shows it. Small pictures are shown as their pixels are.
"""

from typing import Any

import gradio as gr

TEMPLATE = """
<div class="wl-tray">
  <div class="wl-tray-picture">${value ? `<img alt="The picture that is being read" src="${value}">` : `<p>${hint}</p>`}</div>
  <div class="wl-tray-strip" role="group" aria-label="Examples">
    ${examples.map((e, i) => `<button type="button" data-example="${i}" title="${e.name}" aria-label="Example: ${e.name}"><img alt="" src="${e.src}"></button>`).join('')}
  </div>
</div>
"""
SCRIPT = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-example]');
  if (!button) return;
  props.value = props.examples[Number(button.dataset.example)].src;
  trigger('input');
});
"""


def tray(*, label: str, hint: str, examples: list[dict[str, str]], **options: Any) -> gr.HTML:
    """The tray as a component; `.input` fires after a click on an example `{"src": "data:…", "name": "…"}`."""
    return gr.HTML(
        value="",
        label=label,
        html_template=TEMPLATE,
        js_on_load=SCRIPT,
        apply_default_css=False,
        hint=hint,
        examples=examples,
        **options,
    )
