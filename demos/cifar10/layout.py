"""The parts of the CIFAR-10 tab: the picture to choose, both answers to it, the scramble, the layers, the race."""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.demo import training_mode
from demos._ui.html import note
from demos._ui.page import columns, controls, folded, on_visit, place, section
from demos._ui.training import LONGEST, OFF
from demos._ui.widgets.picker import gallery
from demos.cifar10 import measured, nets
from demos.cifar10.nudge import nudge_pad
from demos.cifar10.scramble import scrambler
from training.data.cifar10 import CLASSES

DEPTH, LAYERS = 5, 7
"""The layer that is shown first, and how many there are."""
ANSWER = "its answer"
SECONDS = 20
"""Of a race, for each net."""


class Triggers(NamedTuple):
    """What brings a picture, beside the examples."""

    file: gr.UploadButton
    sample: gr.Button


class Inside(NamedTuple):
    """One layer at work: once of components, once of what fills them."""

    field: Any
    maps: Any


class Explained(NamedTuple):
    """Where the net looked for one class, and whether that map holds."""

    heat: Any
    verdict: Any


class Race(NamedTuple):
    """The race's buttons, and where it is told."""

    start: Any = gr.skip()
    stop: Any = gr.skip()
    status: Any = gr.skip()
    end: Any = gr.skip()


def choose_picture() -> tuple[gr.HTML, Triggers]:
    """Examples, a file, and a test picture where CIFAR-10 is here."""
    with controls("wl-cifar10-choice"):
        chosen = gallery(label="Pictures to try", elem_classes=["wl-cifar10-gallery"])
        with gr.Column(scale=0, min_width=150, elem_classes=["wl-cifar10-brought"]):
            file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
            sample = gr.Button("A test picture", size="sm", min_width=110, visible=nets.data_is_here())
    return chosen, Triggers(file, sample)


def show_answers() -> gr.HTML:
    """The nudge pad with both answers; folded below it, the same of a thousand pictures."""
    pad = nudge_pad(elem_classes=["wl-live"])
    with folded("Not this picture alone: a thousand of them, shifted"):
        on_visit(lambda: measured.shifts_chart(nets.right_when_shifted()))
    return pad


def show_scramble() -> tuple[gr.HTML, gr.HTML]:
    """The slider, and beside it how good the small nets are at each of its stops."""
    section(
        "Scramble the pixels",
        "The same permutation in every block of every picture, in training and now. To a perceptron no pixel is another’s "
        "neighbour, so it loses nothing; a convolutional net loses what it takes for granted (Ivan 2019).",
    )
    with columns("wl-cifar10-scramble"):
        with gr.Column(scale=5, min_width=300):
            mixer = scrambler()
        with gr.Column(scale=6, min_width=300):
            chart = place()
    return mixer, chart


def show_inside() -> tuple[gr.Slider, Inside, gr.Dropdown, Explained]:
    """The depth to look at: what the layer's places see, what they found; and the class to explain, with its map."""
    section(
        "Deeper and deeper",
        "Layer by layer a place of the convolutional net sees more of the picture, and there are fewer places: from edges to "
        "objects. What the last layer found is the answer.",
    )
    with columns("wl-cifar10-inside"):
        with gr.Column(scale=2, min_width=300):
            depth = gr.Slider(1, LAYERS, value=DEPTH, step=1, label="Layer of the convolutional net")
            with columns("wl-cifar10-layer"):
                with gr.Column(min_width=140):
                    field = place()
                with gr.Column(min_width=140):
                    maps = place()
        with gr.Column(scale=1, min_width=260):
            name = gr.Dropdown([ANSWER, *CLASSES], value=ANSWER, label="Class to explain")
            heat, verdict = place(), place(live=True)
    return depth, Inside(field, maps), name, Explained(heat, verdict)


def show_weights() -> gr.HTML:
    """First weights of both kinds."""
    section(
        "What each lays over the picture first",
        "A perceptron compares the whole picture with templates, ghosts of what it met often. A convolutional net lays small "
        "filters over every place alike.",
    )
    return place()


def show_race() -> tuple[gr.Slider, Race]:
    """Seconds, start and stop, and both curves."""
    section(
        "The race",
        "Both nets from random weights, from the same pictures, for the same seconds each, in turns before your eyes. They are "
        "judged by pictures that neither learns from.",
    )
    mode = training_mode()
    off, longest = mode == "off", LONGEST[mode] // 2
    with controls():
        start = gr.Button("Start the race", variant="primary", interactive=not off, min_width=140)
        stop = gr.Button("Stop the race", interactive=False, min_width=120)
        seconds = gr.Slider(
            5, max(longest, 6), value=min(SECONDS, max(longest, 5)), step=5, label="Seconds for each net",
            interactive=not off, min_width=200,
        )  # fmt: skip
    return seconds, Race(start, stop, place(note(OFF) if off else ""), place(live=True))
