"""The parts of the Scan translation tab: the scan to choose, its outlines, and what may be changed."""

from pathlib import Path
from typing import NamedTuple

import gradio as gr

from demos._ui.events import Wire
from demos._ui.html import note
from demos._ui.page import controls, folded, place
from demos._ui.widgets.picker import picker
from demos.translation import nets
from demos.translation.nets import DIRECTIONS, THERE, Direction
from training.data import lgg_mri

SOURCES = (
    f"Real slices of patients whom the nets never saw: {lgg_mri.SOURCE.title} (Buda et al. 2019), "
    f"{lgg_mri.SOURCE.licence}. The cat shows the warning."
)
EXPOSING = (
    "Brightness alone changes nothing: the net stretches every slice between its own 1st and 99th percentile first. What "
    "is lost is what clips at white, or falls between 8-bit greys."
)
BRINGING = (
    "Of a scan that you upload nobody knows the truth. If you have the same slice as the other kind of scan, pixel on pixel, "
    "add it here, and the answer is measured."
)
TUMOUR, HEAD = OUTLINED = ("Tumour (lesion)", "Head, dotted")
OUTLINES = Path(__file__).with_name("outlines.js").read_text(encoding="utf-8")


class Brought(NamedTuple):
    """What brings a scan of one's own, or a test slice."""

    file: gr.UploadButton
    sample: gr.Button


class Changing(NamedTuple):
    """What may be changed: the way, the net, the exposure, and the truth of a scan that was uploaded."""

    direction: gr.Radio
    loss: gr.Radio
    stops: gr.Slider
    noise: gr.Slider
    truth: gr.UploadButton


def choose_scan() -> tuple[gr.HTML, Brought]:
    """The examples, an upload and a test slice in one row."""
    with controls("wl-translation-choice"):
        scans = picker(label="The scan", hint="", examples=[], elem_classes="wl-translation-strip")
        with gr.Column(scale=0, min_width=170, elem_classes="wl-translation-brought"):
            file = gr.UploadButton("Upload a scan", size="sm", file_types=["image"], min_width=110)
            sample = gr.Button("A test slice", size="sm", min_width=100)
    return scans, Brought(file, sample)


def show_outlines() -> None:
    """Which outlines lie over the pictures; the page shows and hides them by itself. Below, whose slices they are."""
    with controls():
        rims = gr.CheckboxGroup(list(OUTLINED), value=[TUMOUR], label="Outlines", min_width=220)
    place(note(SOURCES))
    Wire(None, rims, script=OUTLINES).on(rims.input)


def change_scan() -> Changing:
    """Folded: the way, the net, brightness and noise, and the truth of an upload."""
    with folded("Change the scan, or bring its truth"):
        with controls():
            direction = gr.Radio(list(DIRECTIONS), value=THERE.name, label="Direction", min_width=300)
            loss = gr.Radio(list(THERE.recipes), value=THERE.lead, label="Net that learnt by", min_width=300)
        with controls():
            stops = gr.Slider(-4, 3, value=0, step=0.5, label="Brightness, stops (each doubles it)", min_width=220)
            noise = gr.Slider(0, 20, value=0, step=1, label="Noise, % of full scale", min_width=220)
        place(note(EXPOSING))
        with controls():
            truth = gr.UploadButton("Add the other scan, as its truth", size="sm", file_types=["image"], min_width=200)
        place(note(BRINGING))
    return Changing(direction, loss, stops, noise, truth)


def examples(direction: Direction) -> list[dict[str, str]]:
    """The examples for the picker, each by its key."""
    return [{"key": key, "name": key, "src": src} for key, src in nets.examples(direction).items()]
