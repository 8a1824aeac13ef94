"""The parts of the Super-resolution tab: the picture to choose, before and after, what to do with it, and the scores."""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.page import controls, folded, place, section
from demos._ui.widgets.handle import handle
from demos._ui.widgets.picker import picker
from demos.super_resolution import nets
from demos.super_resolution.closely import LEFT
from demos.super_resolution.nets import BICUBIC, OURS, RECIPES

RESTORE, TWICE, FOUR = MODES = ("Shrink and restore", "Enlarge × 2", "Enlarge × 4")


class File(NamedTuple):
    """How far the whole result's file has come, and the file."""

    progress: Any
    download: Any


class Scores(NamedTuple):
    """The test sets by every method, and the card of one net."""

    table: Any
    card: Any


class Triggers(NamedTuple):
    """What brings a picture, beside the examples."""

    file: gr.UploadButton
    sample: gr.Button


def choose_picture() -> tuple[Triggers, gr.HTML]:
    """The examples, a file, and a test picture where there are any, in one row."""
    with controls("wl-super_resolution-choice"):
        pictures = picker(label="The picture", hint="", examples=[], elem_classes="wl-super_resolution-strip")
        with gr.Column(scale=0, min_width=170, elem_classes="wl-super_resolution-brought"):
            file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
            sample = gr.Button("A test picture", size="sm", min_width=100, visible=bool(nets.test_pictures()))
    return Triggers(file, sample), pictures


def show_pictures() -> tuple[gr.HTML, gr.Radio]:
    """Before and after under the handle, and what stands at its left."""
    slider = handle(label="Handle between before and after", elem_classes=["wl-live"])
    return slider, gr.Radio(list(LEFT), value=BICUBIC, label="At the left of the handle")


def show_details() -> gr.HTML:
    """Folded: the figures, and what they mean."""
    with folded("The figures, and what they mean"):
        return place()


def choose_work() -> tuple[gr.Radio, gr.Radio, gr.Button, File]:
    """What to do; and folded, by which net, and the whole as a file."""
    info = "“Shrink and restore” halves the picture first, so that the truth is known."
    mode = gr.Radio(list(MODES), value=RESTORE, label="What to do", info=info)
    with folded("Another net, or the whole as a file"):
        method = gr.Radio(list(RECIPES), value=OURS, label="By which net")
        with controls():
            making = gr.Button("Make the whole file", size="sm", min_width=130)
            download = gr.DownloadButton("The whole result as PNG", size="sm", interactive=False, min_width=130)
        progress = place(live=True)
    return mode, method, making, File(progress, download)


def show_scores() -> Scores:
    """All methods on the test sets, and the card of one net."""
    section(
        "How good is it",
        "On pictures that no net saw. More decibels are not always the better picture: the perceptual net gives some away.",
    )
    with folded("All methods on three test sets, and the net’s card"):
        return Scores(place(), place())
