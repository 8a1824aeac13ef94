"""The scramble slider: the picture with its pixels mixed up within blocks, and what two small nets say that learnt so.

Its value is `of_picture`; the slider moves in the page alone, and tells the chart beside it where it stands.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from demos._ui.html import join
from demos._ui.small_pictures import Picture
from demos.cifar10.nets import KINDS
from demos.cifar10.nudge import as_text
from signals.scramble import BLOCKS, block_order
from training.data.cifar10 import SIDE

LAST = len(BLOCKS) - 1
TEMPLATE = Markup(
    '<div class="wl-cifar10-mixer"><figure><canvas width="32" height="32" role="img" aria-label="The picture, scrambled"></canvas></figure>'
    '<div><label class="wl-cifar10-range"><span>Scramble within blocks of</span><input type="range" min="0" max="{}" step="1" value="0">'
    '<span class="wl-cifar10-stops" aria-hidden="true">{}</span></label><div class="wl-cifar10-small" role="status">{}</div></div></div>'
).format(
    LAST,
    join(Markup("<i>{}</i>").format(block) for block in BLOCKS),
    join(Markup("<p><span>Small {}</span> <b></b></p>").format(kind.lower()) for kind in KINDS),
)
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def scrambler() -> gr.HTML:
    """The slider with its picture as a component."""
    orders = [as_text(block_order(block, SIDE).numpy().astype("<u2").tobytes()) for block in BLOCKS]
    return gr.HTML(
        value=None, label="Scramble", html_template=TEMPLATE, js_on_load=SCRIPT, apply_default_css=False,
        orders=orders, blocks=list(BLOCKS),
    )  # fmt: skip


def of_picture(picture: Picture, found: Mapping[str, Sequence[tuple[str, float] | None]]) -> dict[str, Any]:
    """A picture and what the small nets call it, by block: name and probability, or nothing."""
    return {
        "pixels": as_text(picture.x_3HW.contiguous().numpy().tobytes()),
        "said": [[one and [one[0], round(one[1], 4)] for one in found[kind]] for kind in KINDS],
    }
