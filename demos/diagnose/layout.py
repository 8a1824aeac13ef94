"""The page of Diagnose: which parts it has, and what fills them."""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.events import Wire
from demos._ui.html import note
from demos._ui.page import columns, controls, folded, place
from demos._ui.widgets.picker import gallery
from demos.diagnose.maps import GRADCAM, METHODS
from demos.diagnose.subjects import SUBJECTS, XRAYS

NO_MAP = note("Choose a picture above: its map appears here.")
STRENGTH = "(value) => { document.documentElement.style.setProperty('--wl-strength', value / 100); }"


class Diagnosis(NamedTuple):
    """What one picture fills: once of components, once of values. `check` is the place of the weights check, empty again."""

    words: Any
    sure: Any
    classes: Any
    reading: Any
    check: Any


class Looked(NamedTuple):
    """Where the net looked: the map, and whether it holds."""

    map: Any
    verdict: Any


class Brought(NamedTuple):
    """What another subject brings: its own controls, its first example, its layers, and its number."""

    subject: Any
    picture: Any
    classes: Any
    depth: Any
    about: Any
    sample: Any
    cells_only: Any


class Below(NamedTuple):
    """What is measured of a net: the test set's results, and what else there is to know."""

    results: Any
    further: Any


def choose_picture() -> tuple[gr.Radio, gr.HTML, gr.HTML, gr.Button, gr.UploadButton]:
    """The subject with its number, examples in one row, and what else may be read."""
    with columns("wl-diagnose-head"):
        with gr.Column(scale=3, min_width=300):
            subject = gr.Radio(list(SUBJECTS), value=XRAYS.name, label="What to look at")
        with gr.Column(scale=2, min_width=260):
            about = place()
    with columns("wl-diagnose-choose"):
        with gr.Column(scale=4, min_width=300):
            pictured = gallery(label="The picture")
        with gr.Column(scale=1, min_width=180):
            sample = gr.Button("Another test film", size="sm")
            file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"])
    return subject, about, pictured, sample, file


def show_answer() -> tuple[gr.HTML, gr.HTML, Looked]:
    """The answer in words, the map, how sure the net is of each class, and whether the map holds."""
    with columns("wl-diagnose-first"):
        words = place(live=True, elem_classes=["wl-diagnose-words"])
        where = place(NO_MAP, elem_classes=["wl-diagnose-where"])
        sure = place(elem_classes=["wl-diagnose-sure"])
        holds = place(live=True, elem_classes=["wl-diagnose-holds"])
    return words, sure, Looked(where, holds)


def show_settings() -> tuple[gr.Radio, gr.Radio, gr.Slider, gr.Button, gr.HTML]:
    """What to explain, and how; and the weights check."""
    with folded("Ask the map something else"):
        with controls():
            name = gr.Radio(
                list(XRAYS.classes), value=XRAYS.classes[0], label="Explain which answer", scale=3, min_width=280
            )
            method = gr.Radio(list(METHODS), value=GRADCAM, label="Method", scale=3, min_width=280)
        with controls():
            depth = gr.Slider(1, 6, value=6, step=1, label="Layer, early to late (Grad-CAM)", min_width=220)
            strength = gr.Slider(0, 100, value=70, step=5, label="Strength of the overlay, %", min_width=220)
        Wire(None, strength, script=STRENGTH).on(strength.input)
        reset = gr.Button("Forget the weights, layer by layer", size="sm")
        place(
            note(
                "The randomised-weights check (Adebayo 2018): an honest map melts as the net forgets. One that stays shows "
                "the picture, not the net."
            )
        )
        check = place()
    return name, method, depth, reset, check
