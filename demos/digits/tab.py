"""Digits: draw one, watch a perceptron read it, and follow it through the layers among ten thousand others."""

import time
from functools import lru_cache
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net, active
from demos._ui.page import columns, controls, how_good, place, section, train_it
from demos._ui.pictures import picture
from demos._ui.widgets.pad import digit_examples, pad, upload
from demos.digits.figures import (
    DIGITS,
    NOTHING_DRAWN,
    RINGS,
    answer_text,
    confusion_text,
    extremes_text,
    journey_text,
    layer_map,
    seen_text,
)
from demos.digits.nets import (
    LAYER_NAMES,
    METHODS,
    PCA,
    Reading,
    classify_digit,
    net_with_maps,
    random_test_digit,
    test_pictures,
)
from models.mlp import MLP
from signals import image
from training.recipes.mnist_mlp import recipe

LIMITS = (
    "One digit in the middle of the picture, written by hand. It has no “not a digit” answer: a letter or a face is read "
    "as some digit all the same, sometimes with confidence."
)
Own = Net[MLP] | None


class Answer(NamedTuple):
    """A digit as it was read, with its place on each layer's map: once of components, once of what fills them."""

    words: Any
    seen: Any
    places: Any
    reading: Any


class LayerMap(NamedTuple):
    """One layer's map, large."""

    plot: Any
    words: Any


class Extremes(NamedTuple):
    """The test set as the shipped net read it."""

    digits: Any
    confusion: Any


# Handlers


def read_digit(own: Own, address: str | None) -> Answer:
    """Read the drawn, uploaded or chosen digit (a PNG as a `data:` address).

    Gives the answer, the digit as the net sees it, and its place on each layer's map.
    """
    if not address:
        return Answer(NOTHING_DRAWN, EMPTY, [], None)
    began = time.perf_counter()
    net = active(recipe, own)
    reading = classify_digit(net, image.from_data_url(address))
    seconds = time.perf_counter() - began
    return Answer(answer_text(reading, seconds, net.whose), seen_text(reading), reading.place_L2.tolist(), reading)


def clear_pad() -> str:
    """An empty pad."""
    return ""


def show_journey(own: Own) -> Markup:
    """The seven maps behind the visitor's points."""
    net = active(recipe, own)
    return journey_text(net.evidence) if net.own else shipped_journey(net.key)


@lru_cache(maxsize=4)
def shipped_journey(key: str) -> Markup:
    """`journey_text` of the shipped net, drawn once for the weights that `key` names."""
    return journey_text(Net.pretrained(recipe).evidence)


def map_layer(layer: str, method: str, own: Own, reading: Reading | None) -> LayerMap:
    """One layer's map to zoom into, and what it says in words."""
    return LayerMap(*layer_map(active(recipe, own).evidence, layer, method, reading))


def best_and_worst(digit: str) -> Extremes:
    """The surest and the most wrong for one digit, and the confusion matrix, of the shipped net."""
    evidence = Net.pretrained(recipe).evidence
    extremes = extremes_text(int(digit), evidence, test_pictures())
    return Extremes(extremes, confusion_text(evidence["confusion"], evidence["reliability"]))


def on_open(own: Own, layer: str, method: str, reading: Reading | None, digit: str) -> tuple[Any, ...]:
    """Everything below the pad, when the tab is opened."""
    return show_journey(own), *map_layer(layer, method, own, reading), *best_and_worst(digit)


# The page


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    drawing, buttons, answer = draw_digit()
    journey, layer, method, large = show_maps()
    digit, extremes = show_test_set()
    how_good(recipe, LIMITS)
    uses = train_it(
        "The same recipe from random weights, in your own session. Nothing is written to disk.",
        recipe, use=net_with_maps, state=own,
    )  # fmt: skip

    read = Wire(read_digit, [own, drawing], list(answer))
    zoom = Wire(map_layer, [layer, method, own, answer.reading], list(large))
    read.on(drawing.input, api="read_digit").then(zoom)
    Wire(upload, buttons.file, drawing).on(buttons.file.upload, api="upload_digit").then(read, zoom)
    Wire(random_test_digit, None, drawing).on(buttons.test_digit.click, api="test_digit").then(read, zoom)
    Wire(clear_pad, None, drawing, "at once").on(buttons.clear.click, api="clear_digit").then(read, zoom)
    zoom.on(layer.input, method.input, api="map_digits")
    Wire(best_and_worst, digit, list(extremes)).on(digit.input, api="best_and_worst")
    Wire(on_open, [own, layer, method, answer.reading, digit], [journey, *large, *extremes]).on(tab.select)
    Wire(show_journey, own, journey).on(uses.change).then(read, zoom)


class Buttons(NamedTuple):
    """What changes the pad."""

    clear: gr.Button
    file: gr.UploadButton
    test_digit: gr.Button


def draw_digit() -> tuple[gr.HTML, Buttons, Answer]:
    """The pad, and beside it the answer."""
    with columns():
        with gr.Column(scale=4, min_width=300):
            drawing = pad(label="Pad to draw a digit on", examples=digit_examples())
            with controls("wl-below-pad"):
                buttons = Buttons(
                    gr.Button("Clear", size="sm", min_width=80),
                    gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120),
                    gr.Button("A test digit", size="sm", min_width=100),
                )
            place(note("Examples: scikit-learn's handwritten digits (UCI, CC BY 4.0), 8 × 8 pixels scaled up."))
        with gr.Column(scale=5, min_width=300):
            words, seen = place(NOTHING_DRAWN, live=True), place()
        places = gr.HTML([], html_template=RINGS, apply_default_css=False, label="Your digit on every map")
    return drawing, buttons, Answer(words, seen, places, gr.State(None, time_to_live=3600))


def show_maps() -> tuple[gr.HTML, gr.Radio, gr.Radio, LayerMap]:
    """The maps of all layers, small, and one of them large."""
    section(
        "Through the net",
        "Each map shows the same 1,000 test digits as one layer sees them, flattened to its two widest directions. "
        "What lies mixed in the pixels comes apart layer by layer; the ring is yours.",
    )
    journey = place(label="Maps of every layer")
    with controls():
        layer = gr.Radio(LAYER_NAMES, value="Layer 5", label="Zoom into", scale=3, min_width=320)
        method = gr.Radio(METHODS, value=PCA, label="Flattened by", scale=1, min_width=160)
    return journey, layer, method, LayerMap(gr.Plot(label="Map of one layer", show_label=False), place())


def show_test_set() -> tuple[gr.Radio, Extremes]:
    """Test digits of one class, and the confusion of all."""
    section(
        "The best and the worst", "Test digits of which the shipped net is surest, and those it gets wrong most surely."
    )
    with columns():
        with gr.Column(scale=5, min_width=300):
            digit = gr.Radio(DIGITS, value="4", label="Digit")
            digits = place()
        with gr.Column(scale=4, min_width=300):
            confusion = place()
    return digit, Extremes(digits, confusion)


def thumbnail() -> Markup:
    """For the home page: some of the example digits."""
    return join(picture(example["src"]) for example in digit_examples()[:8])
