"""Compression laid out: a function for each section, and what the handlers fill."""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.page import controls, folded, place, section
from demos._ui.widgets.pad import example, pad, strip
from demos._ui.widgets.picker import picker
from demos.compression import nets
from demos.compression.subjects import METHODS, NUMBERS, PERCEPTRON, SUBJECTS

UNPACKED = "Nothing packed yet"
CODE = """from safetensors.torch import load_file
import json
from compression.lowrank import Compressed

config = json.load(open("config.json"))
net = Compressed(**config).eval()
net.load_state_dict(load_file("model.safetensors"))

# pictures in [0, 1], shape (B, 1, 28, 28), light on dark
logits = net(pictures)
"""


class Layer(NamedTuple):
    """One layer, before and after."""

    layer: Any
    matrix: Any


class Controls(NamedTuple):
    """What a choice is made of."""

    net: Any
    point: Any
    method: Any
    numbers: Any


class Bench(NamedTuple):
    """What can be brought to be read: digits to choose, draw and upload, or pictures."""

    digits: gr.Column
    strip: gr.HTML
    drawing: gr.HTML
    wipe: gr.Button
    file: gr.UploadButton
    pictures: gr.Column
    picked: gr.HTML
    photograph: gr.UploadButton


def choose_size() -> tuple[Controls, gr.HTML, gr.HTML, gr.HTML]:
    """Net, size, method and numbers; what they come to in a sentence, on the curve, and in detail."""
    subject = PERCEPTRON
    point, method, numbers = subject.opens
    net = gr.Radio(list(SUBJECTS), value=subject.title, label="Net")
    sizes = gr.Radio(
        [(stop.title, stop.point) for stop in nets.stops(subject, method, numbers)],
        value=point, label="How many times smaller",
    )  # fmt: skip
    verdict, curve = place(live=True), place()
    with controls():
        ways = gr.Radio(list(METHODS), value=method, label="Made smaller by being", min_width=280, scale=2)
        kinds = gr.Radio(list(NUMBERS), value=numbers, label="Stored as", min_width=240)
    with folded("The chosen net in numbers"):
        details = place()
    return Controls(net, sizes, ways, kinds), verdict, curve, details


def bring_something() -> tuple[Bench, gr.HTML]:
    """Digits or pictures to bring, and the place of both nets' answers."""
    section("Read by both nets", "The same digit or picture, read by the whole net and by the small one.")
    with gr.Row(equal_height=False, elem_classes="wl-compression-desk"):
        with gr.Column(scale=2, min_width=240) as digits:
            chosen = strip(label="Examples: digits that people wrote")
            drawing = pad(label="Board to draw a digit on", value=example(7))
            with controls("wl-below-pad"):
                wipe = gr.Button("Clear", size="sm", min_width=80)
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
        with gr.Column(scale=2, min_width=240, visible=False) as pictures:
            pictured = picker(label="The picture", hint="", examples=[])
            photograph = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
        with gr.Column(scale=4, min_width=300):
            both = place(live=True)
    return Bench(digits, chosen, drawing, wipe, file, pictures, pictured, photograph), both


def show_one_layer() -> Layer:
    """The layer to look into, and what is left of it."""
    section(
        "Why so little is enough",
        "Each layer is a table of numbers, and most of the directions in it weigh next to nothing: what is left out "
        "beyond the cut is hardly missed.",
    )
    return Layer(gr.Dropdown([], label="Layer", allow_custom_value=False, filterable=False), place())


def take_away() -> tuple[gr.Button, gr.DownloadButton]:
    """What packs the net, what hands it over, and the lines that load it."""
    with folded("Take the chosen net with you"):
        with controls():
            prepare = gr.Button("Pack the chosen net")
            packed = gr.DownloadButton(UNPACKED, interactive=False)
        gr.Code(
            CODE, language="python", label="Load it", interactive=False, wrap_lines=True,
            elem_classes="wl-compression-code",
        )  # fmt: skip
    return prepare, packed
