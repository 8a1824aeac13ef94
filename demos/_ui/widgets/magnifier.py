"""A magnifier's frame over a picture: dragged, clicked or moved by the arrow keys, it says which spot to look at.

Its value is the middle of the frame as shares of width and height, “0.50 0.50”; `shown` is the picture as a `data:`
address, `frame` the frame's width and height as shares of the picture's.
"""

from typing import Any

import gradio as gr

TEMPLATE = """
<div class="wl-magnifier">
  ${shown ? `<div class="wl-magnifier-picture"><img alt="The picture, with a frame around the magnified spot" src="${shown}" draggable="false">
  <div class="wl-frame" role="slider" tabindex="0" aria-label="${label}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${Math.round(100 * Number((value || '0.5 0.5').split(' ')[0]))}" aria-valuetext="${(value || '0.5 0.5').split(' ').map((v) => Math.round(100 * Number(v)) + ' %').join(' across, ')} down"></div></div>` : ''}
</div>
"""
SCRIPT = """
const place = () => {
  const frame = element.querySelector('.wl-frame');
  if (!frame) return;
  const [x, y] = (props.value || '0.5 0.5').split(' ').map(Number), [w, h] = props.frame;
  frame.style.width = 100 * w + '%'; frame.style.height = 100 * h + '%';
  frame.style.left = 100 * Math.min(Math.max(0, x - w / 2), 1 - w) + '%';
  frame.style.top = 100 * Math.min(Math.max(0, y - h / 2), 1 - h) + '%';
};
const keep = (x) => Math.min(1, Math.max(0, x));
const move = (x, y) => { props.value = keep(x).toFixed(4) + ' ' + keep(y).toFixed(4); place(); };
const at = (event) => {
  const box = element.querySelector('.wl-magnifier-picture').getBoundingClientRect();
  move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
};
let dragging = false;
element.addEventListener('pointerdown', (event) => {
  const picture = event.target.closest('.wl-magnifier-picture');
  if (!picture) return;
  dragging = true; picture.setPointerCapture(event.pointerId); at(event); event.preventDefault();
});
element.addEventListener('pointermove', (event) => { if (dragging) at(event); });
const lift = () => { if (dragging) { dragging = false; trigger('input'); } };
element.addEventListener('pointerup', lift);
element.addEventListener('pointercancel', lift);
element.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!step || !event.target.closest('.wl-frame')) return;
  event.preventDefault();
  const [x, y] = (props.value || '0.5 0.5').split(' ').map(Number), [w, h] = props.frame;
  move(x + step[0] * w / 2, y + step[1] * h / 2);
  trigger('input');
  element.querySelector('.wl-frame').focus();
});
watch('value', place); watch('shown', place); watch('frame', place);
place();
"""


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
        x, y = (min(1.0, max(0.0, float(part))) for part in (value or "0.5 0.5").split())
    except ValueError:
        raise ValueError("The magnifier's place is not two numbers: move its frame again.") from None
    return x, y
