"""The nudge pad: a picture that is shifted by dragging it, both nets' answers to it, and each net's square of all shifts.

The server computes all 289 shifts once; whatever moves after that is the page's own affair. Its value is `of_answers`;
`shifts`, which come a little later, are what `of_shifts` gives.
"""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup
from torch import Tensor

from demos._ui.html import join
from demos._ui.pictures import CIVIDIS
from demos._ui.small_pictures import Picture
from demos.cifar10.nets import KINDS, REACH, Answer

SIDES = 1 + 2 * REACH
CELL = 12
"""Pixels of a shift's cell on its canvas."""
NET = Markup(
    '<section class="wl-cifar10-net" data-kind="{}"><h2>{}</h2>'
    '<p class="wl-cifar10-said"><b></b> <span></span></p><p class="wl-cifar10-truth"></p><div class="wl-bars"></div>'
    '<figure class="wl-cifar10-square"><div class="wl-cifar10-field"><canvas width="{}" height="{}" role="img" aria-label=""></canvas>'
    '<i></i></div><figcaption></figcaption></figure><p class="wl-cifar10-about"></p></section>'
)
TEMPLATE = Markup(
    '<div class="wl-cifar10-desk"><div class="wl-cifar10-left">'
    '<div class="wl-cifar10-pad" role="slider" tabindex="0" aria-label="{}" aria-valuemin="{}" aria-valuemax="{}" aria-valuenow="0" aria-valuetext="not moved">'
    '<canvas width="32" height="32"></canvas></div>'
    '<div class="wl-cifar10-moved"><span>Drag the picture, or use the arrow keys.</span><button type="button">Back</button></div>'
    '<figure class="wl-cifar10-whole"><img alt="The whole picture"><figcaption></figcaption></figure></div>'
    '<div class="wl-cifar10-right"><p class="wl-warning" hidden><b></b><span></span></p><div class="wl-cifar10-pair">{}</div>'
    '<p class="wl-note wl-cifar10-scale"><i></i>{}</p></div>'
    '<p class="wl-unseen" role="status"></p></div>'
).format(
    "Nudge the picture: arrow keys move it by a pixel", -REACH, REACH,
    join(NET.format(kind, kind, SIDES * CELL, SIDES * CELL) for kind in KINDS),
    f"Each cell is one shift of up to {REACH} pixels, and its colour the probability of the answer to the unshifted picture: "
    "dark 0 %, yellow 100 %; a cross where another class won. Click on a cell to go there.",
)  # fmt: skip
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def nudge_pad(**options: Any) -> gr.HTML:
    """The pad as a component."""
    return gr.HTML(
        value=None, label="The picture, and both answers", html_template=TEMPLATE, js_on_load=SCRIPT,
        apply_default_css=False, colours=base64.b64encode(CIVIDIS).decode(), shifts=None, cell=CELL, reach=REACH, **options,
    )  # fmt: skip


def of_answers(
    picture: Picture, found: Mapping[str, Answer | str], about: Mapping[str, str], strange: tuple[str, str] | None
) -> dict[str, Any]:
    """A picture and what each net says of it, or the sentence that says why it cannot; `about` tells of each net.

    `strange` is the warning that stands before the answers, its title and its sentence.
    """
    return {
        "key": key_of(picture, found),
        "pixels": as_text(picture.x_3HW.contiguous().numpy().tobytes()),
        "whole": picture.whole,
        "title": picture.title,
        "truth": picture.truth,
        "strange": strange,
        "nets": [_net(kind, found[kind], about.get(kind, "")) for kind in KINDS],
    }


def _net(kind: str, found: Answer | str, about: str) -> dict[str, Any]:
    if not isinstance(found, Answer):
        return {"kind": kind, "missing": found}
    p = [round(p, 5) for p in found.p_C.tolist()]
    return {"kind": kind, "about": about, "p": p, "classes": list(found.classes)}


def of_shifts(key: str, found: Mapping[str, Tensor]) -> dict[str, Any]:
    """All shifts of the picture that `key` names: of each net `(S, S, C)` in 16 bits, down first."""
    halves = {kind: (p_SSC * 65535).round().int().numpy().astype("<u2") for kind, p_SSC in found.items()}
    return {"key": key, "nets": [as_text(halves[kind].tobytes()) if kind in halves else None for kind in KINDS]}


def key_of(picture: Picture, found: Mapping[str, Answer | str]) -> str:
    """Names a picture and the nets that answered to it."""
    nets = "".join(answer.net.key for answer in found.values() if isinstance(answer, Answer))
    return hashlib.sha256(picture.x_3HW.contiguous().numpy().tobytes() + nets.encode()).hexdigest()[:16]


def as_text(content: bytes) -> str:
    return base64.b64encode(content).decode()
