"""The plane and what hangs on it, as parts of the page that answer there: see `desk.js` for what they share.

The server hands over a net (its decoder, its dots) and two pins as values; whatever moves after that is computed in the
page: the mosaic, the garment under the pointer and its uncertainty, the walk, and σ times ε.
"""

import base64
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from markupsafe import Markup
from torch import Tensor

from demos._ui import forward
from demos._ui.charts import CLASS_COLOURS
from demos._ui.html import join
from demos._ui.nets import Net
from demos._ui.pictures import CIVIDIS
from demos._ui.sound import served
from demos.latent import nets
from demos.latent.nets import Moving, Pinned
from models.vae import VAE
from training.tasks.latent import CLASSES

FOLDER = Path(__file__).parent
COLOURS = base64.b64encode(CIVIDIS).decode()


def _canvas(name: str, words: str, *, side: int = 28) -> Markup:
    """A picture that the page paints, with words for whoever does not see it."""
    return Markup('<canvas class="wl-latent-{}" width="{}" height="{}" role="img" aria-label="{}"></canvas>').format(
        name, side, side, words
    )


def _handle(name: str, letter: str, label: str) -> Markup:
    return Markup(
        '<div class="wl-latent-handle" data-handle="{}" role="slider" tabindex="0" hidden aria-label="{}" '
        'aria-valuemin="0" aria-valuemax="100" aria-valuenow="50"><b>{}</b></div>'
    ).format(name, label, letter)


INSET = Markup('<canvas class="wl-latent-inset" width="240" height="240" aria-hidden="true"></canvas>')
"""The plane in small, where the plane itself is out of view."""
PLANE = Markup(
    '<div class="wl-latent-plane"><div class="wl-latent-board" data-shown="dots">'
    '<canvas class="wl-latent-mosaic" width="560" height="560" role="img" aria-label="{}"></canvas>'
    '<canvas class="wl-latent-density" aria-hidden="true"></canvas><canvas class="wl-latent-dots" aria-hidden="true"></canvas>'
    '<svg class="wl-latent-over" viewBox="0 0 100 100" aria-hidden="true"></svg>'
    '<i class="wl-latent-walker" hidden></i><i class="wl-latent-noisy" hidden></i>{}</div>'
    '<div class="wl-latent-lays" role="group" aria-label="What lies over the mosaic">{}</div>'
    '<p class="wl-note wl-latent-extent"></p></div>'
).format(
    "The plane of the net’s two numbers: 400 garments that it draws there, and over them test pictures as dots by class",
    join([
        _handle("point", "", "The point that is looked at: arrow keys move it"),
        _handle("A", "A", "Pin A: arrow keys move it"), _handle("B", "B", "Pin B: arrow keys move it"),
    ]),
    join(
        Markup('<button type="button" data-over="{}" aria-pressed="{}">{}</button>').format(over, pressed, words)
        for over, pressed, words in (
            ("dots", "true", "Test pictures"), ("density", "false", "Where it learnt"), ("none", "false", "Mosaic"),
        )
    ),
)  # fmt: skip
GARMENT = Markup(
    '<div class="wl-latent-garment"><figure>{}<figcaption class="wl-latent-device">Computed on your device.</figcaption>'
    '</figure><div class="wl-latent-told"><p class="wl-latent-here"></p><p class="wl-latent-around"></p><figure>{}'
    '<figcaption><b>Uncertainty</b><span class="wl-latent-unsure"></span><span class="wl-latent-scale">Yellow: 25 % of full '
    "light, or more.</span></figcaption></figure></div></div>"
).format(
    _canvas("large", "The garment that the net draws at the point under the pointer"),
    _canvas("varied", "How much each pixel varies within one σ of the code"),
)
WALK = Markup(
    '<div class="wl-latent-walk"><div class="wl-latent-ends"><figure>{}<figcaption class="wl-latent-name-A">A</figcaption>'
    '</figure><figure>{}<figcaption class="wl-latent-name-B">B</figcaption></figure>'
    '<div class="wl-latent-puts"><button type="button" data-put="A">Put A at the point</button>'
    '<button type="button" data-put="B">Put B at the point</button></div>{}</div>'
    '<label class="wl-latent-range"><span>From A to B</span><input class="wl-latent-slider" type="range" min="0" max="100" value="50"></label>'
    '<div class="wl-latent-ways">{}</div><p class="wl-note wl-latent-told-way"><span class="wl-latent-told"></span></p></div>'
).format(
    _canvas("of-A", "The picture at pin A"), _canvas("of-B", "The picture at pin B"), INSET,
    join(
        Markup("<figure>{}<figcaption><b>{}</b>{}</figcaption></figure>").format(_canvas(name, words), title, words)
        for name, title, words in (
            ("by-net", "Through the plane", "a garment at each step"),
            ("by-pixels", "By cross-fading", "both at once, half as light each"),
            ("by-pca", "Through PCA’s plane", "two numbers too, but straight ones: shadows"),
        )
    ),
)  # fmt: skip
NOISE = Markup(
    '<div class="wl-latent-noise-desk"><figure>{}<figcaption class="wl-latent-factor"></figcaption></figure><div>'
    '<pre class="wl-latent-sum" aria-label="z = μ + σ ε, number by number"></pre>'
    '<label class="wl-latent-range"><span>Pull σ</span><input class="wl-latent-pull" type="range" min="0" max="100" step="0.05" value="50"></label>'
    '<div class="wl-latent-puts"><button type="button" data-noise="own">The net’s own σ</button>'
    '<button type="button" data-noise="another">Another ε</button></div></div>{}</div>'
).format(_canvas("drawn", "The garment at z"), INSET)
MOVING = Markup(
    '<figure class="wl-latent-moving" hidden><canvas width="520" height="520" role="img" aria-label="{}"></canvas>'
    "<figcaption><p></p></figcaption></figure>"
).format("Where the test pictures lie on the plane while the net learns, by class")


def _part(template: Markup, script: str, *, label: str, **options: Any) -> gr.HTML:
    scripts = [forward.SCRIPT, *((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("desk", script))]
    return gr.HTML(
        value=None, label=label, html_template=template, js_on_load="\n".join(scripts), apply_default_css=False,
        colours=COLOURS, **options,
    )  # fmt: skip


def plane() -> gr.HTML:
    """The plane as a component; its value is `of_net`."""
    return _part(PLANE, "plane", label="The plane")


def garment() -> gr.HTML:
    """The garment under the pointer."""
    return _part(GARMENT, "garment", label="The garment at the point")


def walk() -> gr.HTML:
    """The walk from pin A to pin B; its value is `of_pins`."""
    return _part(WALK, "walk", label="The walk from A to B")


def noise() -> gr.HTML:
    """One ε, and σ to pull."""
    return _part(NOISE, "noise", label="The reparametrisation")


def moving(**options: Any) -> gr.HTML:
    """Dots that glide while a net learns; its value is `of_moving`."""
    return _part(MOVING, "moving", label="Test pictures while it learns", **options)


# Values


def of_net(net: Net[VAE]) -> dict[str, Any]:
    """A net as the plane reads it: its decoder as a file, its dots, where it learnt, and the plane of PCA."""
    facts = net.evidence
    shown = nets.window(facts["code"])
    return {
        "key": net.key,
        "net": served(nets.decoder(net.model), "decoder.bin"),
        "window": shown._asdict(),
        "code": _halves(facts["code"]),
        "spread": _halves(facts["spread"]),
        "kind": _text(facts["class"].numpy()),
        "cells": nets.CELLS,
        "density": _text(nets.density(facts["density_code"], shown)),
        "learnt": len(facts["density_code"]),
        "pca_mean": _halves(facts["pca_mean"]),
        "pca_axes": _halves(facts["pca_axes"]),
        "names": list(CLASSES),
        "colours": list(CLASS_COLOURS),
    }


def of_pins(a: Pinned, b: Pinned) -> dict[str, Any]:
    """Both pins as the walk reads them."""
    return {"A": _pin(a), "B": _pin(b)}


def _pin(pinned: Pinned) -> dict[str, Any]:
    return {
        "code": pinned.mean_2.tolist(),
        "spread": pinned.spread_2.tolist(),
        "words": pinned.garment.words,
        "x": _text(pinned.garment.x_HW.numpy()),
    }


def of_moving(dots: Moving) -> dict[str, Any]:
    """Dots as `moving` reads them."""
    n = len(dots.class_N)
    return {
        "code": _halves(dots.code_N2),
        "kind": _text(dots.class_N.numpy()),
        "names": list(CLASSES),
        "colours": list(CLASS_COLOURS),
        "step": dots.step,
        "words": f"Where {n:,} test pictures lie after {dots.step:,} steps, coloured by a class that the net is never told.",
    }


def _halves(x_X: Tensor) -> str:
    return _text(x_X.half().numpy().astype("<f2"))


def _text(x_X: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(x_X).tobytes()).decode()
