"""A result looked at closely: under the handle, through the magnifier, and by its errors and its spectrum."""

from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui import page
from demos._ui.html import EMPTY
from demos._ui.nets import Net
from demos._ui.widgets.magnifier import magnifier, place
from demos.super_resolution import figures, nets
from demos.super_resolution.nets import BICUBIC, Restored, Work

PIXELS, TRUTH = "Pixels", "Truth"
LEFT = (BICUBIC, PIXELS, TRUTH)
"""What may stand at the left of the handle."""
Own = Net[Any] | None


class Analysis(NamedTuple):
    """Where it is wrong, and which fineness of detail came back."""

    errors: Any
    spectrum: Any
    regained: Any


def lens_of(work: Work, result: Restored) -> gr.HTML:
    """The magnifier's picture and the size of its frame; the picture is small already where the result is huge."""
    share = [min(1.0, nets.SPOT / length) for length in work.small.size]
    under = work.small if work.truth is None else result.picture
    return gr.HTML(value="0.5 0.5", shown=nets.thumbnail(under, 720), frame=share)


def compare(work: Work | None, result: Restored | None, left: str) -> Any:
    """The picture before and after, one over the other under a handle: bicubic, plain pixels or the truth at the left."""
    if work is None or result is None:
        return None
    part = nets.shown_window(work)
    after = result.picture if work.truth is None else nets.crop(result.picture, part, scale=work.factor)
    if left == TRUTH:
        if work.truth is None:
            raise ValueError("Nobody knows the truth of a picture that is enlarged: “Test me” shrinks it first.")
        before = nets.crop(work.truth, part, scale=work.factor)
    elif left == PIXELS:
        before = nets.repeat_pixels(work, part)
    else:
        before = nets.restore_window(work, part, BICUBIC)
    mode = "RGB" if after.alpha_HW is None else "RGBA"
    pair = (before.pillow().convert(mode), after.pillow().convert(mode))
    return gr.update(value=pair, label=f"{left} | {result.method}")  # a new component would turn them into WebP


def magnify(work: Work | None, where: str | None, own: Own) -> Markup:
    """One spot, by every method there is."""
    if work is None:
        return figures.NO_SPOT
    return figures.spots_text(list(nets.spot_by_method(work, nets.spot_window(work, place(where)), own)))


def analyse(work: Work | None, result: Restored | None) -> Analysis:
    """Where bicubic and the net are wrong, and which fineness came back; without a truth only the latter."""
    if work is None or result is None:
        return Analysis(figures.NO_MAP, None, EMPTY)
    if work.truth is None:
        by_bicubic = nets.restore_window(work, nets.shown_window(work), BICUBIC)
        pair = ((BICUBIC, by_bicubic), (result.method, result.picture))
        spectrum = figures.spectrum_figure([(method, nets.spectrum_db(p)) for method, p in pair])
        return Analysis(figures.NO_TRUTH, spectrum, EMPTY)
    pair = ((BICUBIC, nets.restored(work, BICUBIC).picture), (result.method, result.picture))
    maps = [(method, nets.errors_db(work, p)) for method, p in pair]
    spectra = [(method, nets.spectrum_db(p)) for method, p in ((TRUTH, work.truth), *pair)]
    regained = figures.regained_text(*(spectrum for _, spectrum in spectra))
    return Analysis(figures.errors_text(maps), figures.spectrum_figure(spectra), regained)


def show_spot() -> tuple[gr.HTML, gr.HTML]:
    """The magnifier, and one spot by every method."""
    page.section(
        "One spot, closely",
        "Drag the frame, or move it with the arrow keys: every method restores that spot from the same pixels.",
    )
    return magnifier(label="Magnified spot"), page.place(figures.NO_SPOT, live=True)


def show_analysis() -> Analysis:
    """Errors, and the spectrum with its words."""
    page.section("Where it is wrong", "The absolute error in decibels, and which fineness of detail came back.")
    errors = page.place(figures.NO_MAP, live=True)
    return Analysis(errors, gr.Plot(label="Power at each fineness", show_label=False), page.place())
