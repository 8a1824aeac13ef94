"""The volume in the page: in space, cut open, in three slices, and under a rubber; see `desk.js` for what the parts share.

The server hands over a shape as bits and a heat map at its layer's own resolution; turning, cutting, looking at slices
and rubbing are computed in the page. What was rubbed comes back as balls, for the net to answer.
"""

import base64
from pathlib import Path
from typing import Any

import gradio as gr
import torch
import torch.nn.functional as F
from markupsafe import Markup
from torch import Tensor

from demos._ui.html import EMPTY, join
from demos._ui.pictures import CIVIDIS
from demos.volumes.shapes import EDGE, Volume
from signals.volume import packed_bits

FOLDER = Path(__file__).parent
COLOURS = base64.b64encode(CIVIDIS).decode()
MOST_HEAT = 32
"""Edge of the heat that travels, in voxels: 32 KB, and finer than any map is."""

BRIGHT = 0.99
"""Of the heat's places in the shape, as many are below full colour: a single hottest one would leave the rest dark."""


def _button(kind: str, value: str, words: str, pressed: str = "", label: str = "") -> Markup:
    state = Markup(' aria-pressed="{}"').format(pressed) if pressed else EMPTY
    name = Markup(' aria-label="{}"').format(label) if label else EMPTY
    return Markup('<button type="button" data-{}="{}"{}{}>{}</button>').format(kind, value, state, name, words)


def _buttons(label: str, *buttons: Markup, told: bool = False) -> Markup:
    words = Markup('<span aria-hidden="true">{}</span>').format(label) if told else EMPTY
    kind = "wl-volumes-buttons wl-volumes-told" if told else "wl-volumes-buttons"
    return Markup('<div class="{}" role="group" aria-label="{}">{}{}</div>').format(kind, label, words, join(buttons))


VIEWER = Markup(
    '<div class="wl-volumes-viewer"><div class="wl-volumes-stage">'
    '<canvas width="256" height="256" tabindex="0" role="application" aria-label="A volume in space"></canvas>'
    '<i class="wl-volumes-cross"></i><i class="wl-volumes-ball" hidden></i>'
    '<span class="wl-volumes-scale"><b></b>10 mm</span></div>{}{}'
    '<div class="wl-volumes-strip" aria-hidden="true"></div>'
    '<label class="wl-volumes-range"><span>Cut at</span><input class="wl-volumes-at" type="range" min="0" max="63" value="32">'
    '<output class="wl-volumes-cut-at"></output></label>'
    '<p class="wl-note">Bars: how much heat each slice holds. Click one to cut there. Drawn on your device.</p></div>'
).format(
    _buttons(
        "Seen from",
        *(_button("view", view, view.capitalize()) for view in ("front", "back", "left", "right", "above", "below")),
        _button("turning", "", "Turning", "true"),
        told=True,
    ),
    _buttons(
        "Cut open across",
        *(_button("axis", axis, axis, "false", f"Cut across {axis}") for axis in "xyz"),
        _button("axis", "none", "Whole", "false"),
        told=True,
    ),
)
SLICES = Markup('<div class="wl-volumes-slices">{}</div>').format(
    join(
        Markup(
            '<figure><canvas width="256" height="256" role="img" aria-label="The slice across {0}, with heat"></canvas>'
            '<label><span>Across <output></output></span><input type="range" min="0" max="63" value="32" '
            'aria-label="The crosshair’s place on the {0} axis"></label></figure>'
        ).format(axis)
        for axis in "xyz"
    )
)
RUBBER = Markup(
    '<div class="wl-volumes-rubber">{}<label class="wl-volumes-range"><span>Radius</span>'
    '<input type="range" min="2" max="10" value="4" aria-label="Radius of the ball, in voxels"><output></output></label>{}'
    '<p class="wl-note wl-volumes-strokes" role="status"></p></div>'
).format(
    _buttons(
        "What a click on the shape does",
        _button("mode", "look", "Look", "true"),
        _button("mode", "bite", "Bite off", "false"),
        _button("mode", "fill", "Fill in", "false"),
    ),
    _buttons(
        "The rubber",
        _button("here", "", "At the crosshair"),
        _button("undo", "", "Undo"),
        _button("again", "", "As it was"),
    ),
)


def _part(template: Markup, script: str, *, label: str, **options: Any) -> gr.HTML:
    scripts = [(FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("raycaster", "desk", script)]
    return gr.HTML(
        value=None, label=label, html_template=template, js_on_load="\n".join(scripts), apply_default_css=False,
        colours=COLOURS, **options,
    )  # fmt: skip


def viewer() -> gr.HTML:
    """The shape in space as a component; its value is `of_volume`."""
    return _part(VIEWER, "viewer", label="The volume in space")


def slices() -> gr.HTML:
    """Three slices through one crosshair; its value is `of_heat`."""
    return _part(SLICES, "slices", label="Three slices")


def rubber() -> gr.HTML:
    """What a click does; `.input` fires with `{"key", "strokes": [[x, y, z, radius, 0 or 1], …]}`."""
    return _part(RUBBER, "rubber", label="Rubber")


# Values


def of_volume(volume: Volume) -> dict[str, Any]:
    """A shape as the viewer reads it."""
    return {
        "key": volume.key,
        "bits": base64.b64encode(packed_bits(_upright(volume.x_DHW > 0))).decode(),
        "edge": EDGE,
        "millimetres": volume.millimetres,
        "words": volume.words,
    }


def of_heat(volume: Volume, heat_DHW: Tensor) -> dict[str, Any]:
    """Heat `(64, 64, 64)` ≥ 0 as the slices read it: a byte a voxel, 255 for the hottest 1 % of the shape itself.

    At most `MOST_HEAT` to an edge: finer maps are averaged over the voxels of the shape alone, so that a map that lives
    on its surface does not fade.
    """
    inside_DHW = (volume.x_DHW > 0).float()
    heat_11DHW, inside_11DHW = (heat_DHW * inside_DHW)[None, None], inside_DHW[None, None]
    step = EDGE // MOST_HEAT
    share_11DHW = F.avg_pool3d(inside_11DHW, step)
    # where no voxel of the shape lies, its neighbours' heat goes on, so that smooth reading does not darken its rim
    near_11DHW = F.avg_pool3d(F.avg_pool3d(heat_11DHW, step), 3, 1, 1) / F.avg_pool3d(share_11DHW, 3, 1, 1).clamp(1e-6)
    grid_DHW = torch.where(share_11DHW > 0, F.avg_pool3d(heat_11DHW, step) / share_11DHW.clamp(1e-6), near_11DHW)[0, 0]
    top = grid_DHW[share_11DHW[0, 0] > 0].quantile(BRIGHT).clamp(1e-12)
    values = grid_DHW.div(top).clamp(0, 1).mul(255).round().byte()
    return {"key": volume.key, "n": MOST_HEAT, "values": base64.b64encode(_upright(values).numpy().tobytes()).decode()}


def _upright(x_DHW: Tensor) -> Tensor:
    """As the page counts: x, which runs fastest, to the right as D does, y to the back as H, z upwards as W."""
    return x_DHW.permute(2, 1, 0).contiguous()
