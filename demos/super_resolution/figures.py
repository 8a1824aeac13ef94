"""What the Super-resolution tab draws: readouts, one spot by every method, errors in decibels, spectra, and test scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup
from PIL import Image
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS, QUIET, quiet
from demos._ui.html import EMPTY, Figure, figure, group, join, minus, note, number, readouts, table
from demos._ui.pictures import picture, viridis
from demos.super_resolution.nets import Picture, Quality, Restored, Scores

if TYPE_CHECKING:
    import plotly.graph_objects as go

QUIETEST_DB, LOUDEST_DB = -50.0, -10.0
"""The ends of the error map's colours: 0.3 and 32 % of the way from black to white."""
VISIBLE_DB = -30.0
"""The error from which a pixel counts as visibly off: 3 % of the way from black to white."""
NYQUIST = 0.25
"""Cycles per large pixel that a picture of half the size can hold at most."""
MAP_SIDE = 700
SETS = {"set5": "Set5", "set14": "Set14", "bsds500": "BSDS500 test"}
NO_PICTURE = note("Choose an example, upload a picture, or take a test picture. The answer comes by itself.")
NO_SPOT = note("Choose a picture above: then move the frame to any spot.")
NO_MAP = note("Choose a picture above: its error map appears here.")
NO_TRUTH = note("Without a truth there is no error to show. “Test me” shrinks the picture first, and then knows.")
ANCHORS = note(
    "PSNR in dB and SSIM on luma, means over the pictures of a test set. Anchors from the papers for Set5: bicubic "
    "33.66, SRCNN 36.66, FSRCNN 37.00, IMDN 38.0; those saw far more pictures for far longer."
)


# The answer


def waiting_text(share: float, method: str) -> Markup:
    """How far the work has come."""
    bar = Markup('<progress value="{:.3f}" max="1" aria-label="Progress"></progress>').format(share)
    sentence = Markup("<p>{}: {:.0f} % of the tiles are done.</p>").format(method, 100 * share)
    return group("wl-super_resolution-waiting", bar, sentence)


def answer_text(restored: Restored, before: Quality | None, after: Quality | None) -> Markup:
    """The figures, large, with what they mean in words; `before` is bicubic's, None where nobody knows the truth."""
    large = quality_figures(before, after) if before and after else []
    time = Figure(f"{1000 * restored.seconds:,.0f}", "ms on this machine")
    sentences = [size_words(restored), quality_words(before, after), *treatment_words(restored)]
    return readouts(*large, time) + note(" ".join(sentences))


def quality_figures(before: Quality, after: Quality) -> list[Figure]:
    """PSNR, SSIM and the distance, each from bicubic's to the net's."""
    gain = after.psnr_db - before.psnr_db
    found = [
        Figure(
            exact(after.psnr_db, ".2f"), "dB PSNR, bicubic → net", exact(before.psnr_db, ".2f"),
            number(gain, "+.2f") if math.isfinite(gain) else "",
        ),
        Figure(number(after.ssim, ".4f"), "SSIM, at most 1", number(before.ssim, ".4f")),
    ]  # fmt: skip
    if before.distance is not None and after.distance is not None:
        closer = "perceptual distance, lower is closer"
        found.append(Figure(number(after.distance, ".3f"), closer, number(before.distance, ".3f")))
    return found


def exact(psnr_db: float, form: str) -> str:
    """A PSNR, or that there is no error at all."""
    return "exact" if math.isinf(psnr_db) else number(psnr_db, form)


def size_words(restored: Restored) -> str:
    """By what, from which size to which."""
    whose = ", your model" if restored.own else ""
    return f"{restored.method}{whose}: {size(restored.work.small)} → {size(restored.picture)} pixels."


def quality_words(before: Quality | None, after: Quality | None) -> str:
    """On what the figures are measured, or why there are none."""
    if before is None or after is None:
        return "Nobody knows the truth here, so nothing can be measured: look, and do not take detail for fact."
    words = "Measured on luma in 8 bits, without the outermost two pixels."
    if after.distance is not None:
        return f"{words} The distance has LPIPS's form on SqueezeNet 1.0, without LPIPS's learnt weights."
    return f"{words} The perceptual distance is left out: SqueezeNet's weights are not here, or the picture is large."


def treatment_words(restored: Restored) -> list[str]:
    """What else was done to the picture, and what was left alone."""
    small = restored.work.small
    kept = [name for name, there in (("transparency", small.alpha_HW is not None), ("grey", small.grey)) if there]
    words = []
    if restored.work.factor == 4:
        words.append("× 4 is the × 2 net applied twice; it never learnt from its own output.")
    if kept:
        words.append(f"Kept as it was: {' and '.join(kept)}.")
    return words


def size(of: Picture) -> str:
    """Width and height in words."""
    return "{:,} × {:,}".format(*of.size)


def about_text(of: Picture) -> Markup:
    """A picture in words."""
    kind = "grey" if of.grey else "colour"
    through = ", with transparency" if of.alpha_HW is not None else ""
    return note(f"{of.title}: {size(of)} pixels, {kind}{through}.")


# Closely


def spots_text(found: Sequence[tuple[str, Picture]]) -> Markup:
    """One spot by every method, side by side, each pixel a square."""
    figures = (figure(picture(of.pillow(), method), method, f"{size(of)} pixels") for method, of in found)
    return group("wl-super_resolution-spots", *figures)


def errors_text(maps: Sequence[tuple[str, Tensor]]) -> Markup:
    """Where each method is wrong, in decibels `(H, W)`: dark where it is right, with the share that is visibly off."""
    scale = (
        f"From dark, {QUIETEST_DB:.0f} dB and less, to yellow, {LOUDEST_DB:.0f} dB and more: 20 log10 of the error of the "
        "luma, where 0 dB is black for white."
    )
    return group("wl-super_resolution-errors", *(_error_map(*of) for of in maps)) + note(minus(scale))


def _error_map(method: str, error_HW: Tensor) -> Markup:
    colours = viridis((error_HW - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB))
    colours.thumbnail((MAP_SIDE, MAP_SIDE), Image.Resampling.BOX)
    visible = 100 * (error_HW > VISIBLE_DB).double().mean().item()
    words = (
        f"{visible:.1f} % of the pixels are off by more than {number(VISIBLE_DB, '.0f')} dB "
        "(3 % of the way from black to white)"
    )
    return figure(picture(colours, f"Error of {method}"), method, words)


def spectrum_figure(lines: Sequence[tuple[str, tuple[Tensor, Tensor]]]) -> go.Figure:
    """Power against fineness, a line for each picture, with the small picture's own limit marked."""
    import plotly.graph_objects as go  # not on the way of the first page

    drawn, dashes = go.Figure(), ("solid", "dot", "dash", "longdash", "dashdot")
    for i, (title, (fineness_K, power_K)) in enumerate(lines):
        seen = power_K.isfinite()
        drawn.add_scatter(
            x=fineness_K[seen].tolist(), y=power_K[seen].tolist(), mode="lines", name=title,
            line={"color": CLASS_COLOURS[(0, 4, 6, 2)[i % 4]], "dash": dashes[i % 5], "width": 2},
        )  # fmt: skip
    quiet(drawn)
    drawn.add_vline(x=NYQUIST, line={"color": QUIET, "dash": "dot", "width": 1})
    drawn.add_annotation(
        x=NYQUIST, y=1, yref="paper", xanchor="left", showarrow=False, text=" finer than the small picture"
    )
    legend = {"orientation": "h", "y": -0.28}
    drawn.update_layout(height=320, showlegend=True, legend=legend, margin={"l": 54, "r": 8, "t": 12, "b": 44})
    drawn.update_xaxes(title={"text": "cycles per pixel", "font": {"size": 12}}, range=[0, 0.5])
    drawn.update_yaxes(title={"text": "power, dB", "font": {"size": 12}})
    return drawn


def regained_text(truth: tuple[Tensor, Tensor], bicubic: tuple[Tensor, Tensor], net: tuple[Tensor, Tensor]) -> Markup:
    """How much of the truth's power beyond the small picture's limit either has; spectra are fineness and dB `(K,)`."""
    beyond_K = (truth[0] > NYQUIST) & truth[1].isfinite()

    def power(spectrum: tuple[Tensor, Tensor]) -> float:
        return (10 ** (spectrum[1][beyond_K] / 10)).sum().item()

    whole = power(truth)
    if not whole:
        return note(f"This picture holds nothing beyond {NYQUIST} cycles per pixel: there is no detail to bring back.")
    by_bicubic, by_net = (100 * power(spectrum) / whole for spectrum in (bicubic, net))
    return note(
        f"Beyond {NYQUIST} cycles per pixel, which the small picture cannot hold, bicubic has {by_bicubic:.0f} % of the truth's "
        f"power, the net {by_net:.0f} %. Power is not proof: whether it stands in the right place is what PSNR asks."
    )


# How good it is


def scores_table(found: Mapping[str, Scores]) -> Markup:
    """PSNR and SSIM of every method on every test set; nothing where there is none."""
    if not found:
        return EMPTY
    rows = [
        (method, [*(_score(of, name) for name in SETS), "" if of.parameters is None else f"{of.parameters:,}"])
        for method, of in found.items()
    ]
    return table(["Method", *SETS.values(), "Parameters"], rows) + ANCHORS


def _score(of: Scores, name: str) -> str:
    if f"psnr_db_{name}" not in of.metrics:
        return "–"
    return f"{number(of.metrics[f'psnr_db_{name}'], '.2f')} / {number(of.metrics[f'ssim_{name}'], '.4f')}"


def thumbnail_text(addresses: Sequence[str]) -> Markup:
    """Photographs for the home page."""
    return join(picture(address, kind="wl-super_resolution-photo") for address in addresses)
