"""A result looked at closely: under the handle, through the magnifier, and by its errors and its spectrum."""

from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui import page
from demos._ui.html import EMPTY
from demos._ui.nets import Net
from demos._ui.widgets.handle import under_handle
from demos._ui.widgets.magnifier import magnifier, place
from demos.super_resolution import figures, nets
from demos.super_resolution.nets import BICUBIC, Restored

PIXELS, TRUTH = "Pixels", "Truth"
LEFT = (BICUBIC, PIXELS, TRUTH)
"""What may stand at the left of the handle."""
Own = Net[Any] | None


class Analysis(NamedTuple):
    """Where it is wrong, and which fineness of detail came back."""

    errors: Any
    spectrum: Any


def lens_of(result: Restored) -> gr.HTML:
    """The magnifier's picture and frame, on the spot where net and bicubic differ most."""
    work = result.work
    share = [min(1.0, nets.SPOT / length) for length in work.small.size]
    spot = "{:.4f} {:.4f}".format(*nets.busiest_spot(result))
    under = result.picture if result.is_whole else work.small
    return gr.HTML(value=spot, shown=nets.thumbnail(under, 720), frame=share)


def compare(result: Restored | None, left: str) -> dict[str, Any] | None:
    """The picture before and after, one over the other under a handle: bicubic, plain pixels or the truth at the left.

    ValueError where the truth is asked for and nobody knows it.
    """
    if result is None:
        return None
    before = result.bicubic
    if left == PIXELS:
        before = nets.repeat_pixels(result.work, result.part)
    elif left == TRUTH:
        if result.truth is None:
            raise ValueError("Nobody knows the truth of a picture that is enlarged: “Shrink and restore” keeps it.")
        before = result.truth
    mode = "RGB" if result.picture.alpha_HW is None else "RGBA"
    pair = (before.pillow().convert(mode), result.picture.pillow().convert(mode))
    words = (
        f"{result.work.small.title} at {result.work.factor} times its size, by {left.lower()} and by {result.method}"
    )
    return under_handle(*pair, (left, result.method), words)


def magnify(result: Restored | None, where: str | None, own: Own) -> Markup:
    """One spot, by every method there is."""
    if result is None:
        return EMPTY
    window = nets.spot_window(result.work, place(where))
    return figures.spots_text(list(nets.spot_by_method(result.work, window, own)))


def analyse(result: Restored | None) -> Analysis:
    """Where bicubic and the net are wrong, and which fineness came back; without a truth only the latter."""
    if result is None:
        return Analysis(EMPTY, EMPTY)
    pair = {BICUBIC: result.bicubic, result.method: result.picture}
    if result.truth is None:
        spectra = {method: nets.spectrum_db(p) for method, p in pair.items()}
        return Analysis(figures.NO_TRUTH, figures.spectrum_text(spectra))
    maps = [(method, nets.errors_db(result.truth, p)) for method, p in pair.items()]
    spectra = {method: nets.spectrum_db(p) for method, p in (pair | {TRUTH: result.truth}).items()}
    regained = figures.regained_text(spectra[TRUTH], spectra[BICUBIC], spectra[result.method])
    return Analysis(figures.errors_text(maps), regained + figures.spectrum_text(spectra))


def show_spot() -> tuple[gr.HTML, gr.HTML]:
    """The magnifier, and one spot by every method."""
    page.section(
        "One spot, closely",
        "It begins where the net differs most from bicubic. Drag the frame, click, or move it with the arrow keys.",
    )
    with page.columns():
        with gr.Column(scale=4, min_width=300):
            lens = magnifier(label="Magnified spot", elem_classes="wl-super_resolution-lens")
        with gr.Column(scale=7, min_width=300):
            spots = page.place(live=True)
    return lens, spots


def show_analysis() -> Analysis:
    """Errors, and folded away the spectrum with its words."""
    page.section("Where it is wrong", "Every pixel's distance from the truth: dark where right, yellow where far off.")
    errors = page.place(live=True)
    with page.folded("Which fineness of detail came back"):
        return Analysis(errors, page.place())
