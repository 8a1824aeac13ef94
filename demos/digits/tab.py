"""Digits: draw one, see at once what a small neural net reads, and follow it through the layers."""

from functools import lru_cache
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net, active
from demos._ui.page import columns, controls, folded, how_good, place, section, train_it
from demos._ui.pictures import picture
from demos._ui.widgets.pad import digit_examples, example, pad, strip, taking, upload
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
    strangers_text,
)
from demos.digits.nets import (
    LAYER_NAMES,
    METHODS,
    PCA,
    Known,
    Reading,
    classify_digit,
    net_with_maps,
    random_stranger,
    random_test_digit,
    strangers,
    truth,
)
from models.mlp import MLP
from signals import image
from training.recipes.mnist_mlp import recipe

LIMITS = (
    "It reads one digit at a time, written by hand. A picture that is no digit gets a warning first, most of the time: "
    "a letter that looks like a digit can still slip through."
)
SOURCE = (
    "The digits to choose from are MNIST's test digits (CC BY-SA 3.0): people wrote them, and the net never saw them."
)
FIRST = 4
"""The example that is on the board when the tab opens."""
Own = Net[MLP] | None


class Answer(NamedTuple):
    """A digit as it was read, with its place on each layer's map: once of components, once of what fills them."""

    words: Any = gr.skip()
    seen: Any = gr.skip()
    places: Any = gr.skip()
    reading: Any = gr.skip()


class LayerMap(NamedTuple):
    """One layer's map, large."""

    plot: Any
    words: Any


class Extremes(NamedTuple):
    """The test set as the shipped net read it."""

    digits: Any
    confusion: Any


# Handlers


def read_digit(own: Own, address: str | None, known: Known | None = None) -> Answer:
    """Read the drawn, uploaded or chosen digit (a PNG as a `data:` address).

    Gives the answer, the digit as the net sees it, and its place on each layer's map.
    """
    if not address:
        return Answer(NOTHING_DRAWN, EMPTY, [], None)
    net, drawn = active(recipe, own), image.from_data_url(address)
    reading = classify_digit(net, drawn)
    beside = classify_digit(Net.pretrained(recipe), drawn) if net.own else None
    words = answer_text(reading, net.whose, truth=truth(address, known), beside=beside)
    return Answer(words, seen_text(reading), reading.place_L2.tolist(), reading)


def clear_pad() -> str:
    """An empty pad."""
    return ""


def test_digit() -> tuple[str, Known]:
    """A random digit of the MNIST test set, on the pad."""
    known = random_test_digit()
    return known.address, known


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
    return Extremes(extremes_text(int(digit), evidence), confusion_text(evidence["confusion"], evidence["reliability"]))


def on_open(own: Own, address: str, known: Known | None, reading: Reading | None) -> Answer:
    """What is on the board, read when the tab is opened; nothing where it has been read."""
    return Answer() if reading is not None else read_digit(own, address, known)


def on_open_below(own: Own, layer: str, method: str, reading: Reading | None, digit: str) -> tuple[Any, ...]:
    """Everything below the answer, when the tab is opened."""
    return show_journey(own), *map_layer(layer, method, own, reading), *best_and_worst(digit)


# The page


def build(tab: gr.Tab) -> None:
    own, known = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    chosen, drawing, buttons, answer = draw_digit()
    journey, layer, method, large = show_maps()
    digit, extremes = show_test_set()
    how_good(recipe, LIMITS, lambda: strangers_text(strangers()))
    uses = train_it(
        "The same net from random weights, for you alone. It learns in seconds; then let it read your digit.",
        recipe, use=net_with_maps, state=own,
    )  # fmt: skip

    read = Wire(read_digit, [own, drawing, known], list(answer))
    zoom = Wire(map_layer, [layer, method, own, answer.reading], list(large))
    read.on(drawing.input, api="read_digit").then(zoom)
    taking(chosen, drawing).on(chosen.input).then(read, zoom)
    Wire(upload, buttons.file, drawing).on(buttons.file.upload, api="upload_digit").then(read, zoom)
    Wire(test_digit, None, [drawing, known]).on(buttons.test_digit.click, api="test_digit").then(read, zoom)
    Wire(random_stranger, None, drawing).on(buttons.stranger.click, api="stranger").then(read, zoom)
    Wire(clear_pad, None, drawing, "at once").on(buttons.clear.click, api="clear_digit").then(read, zoom)
    zoom.on(layer.input, method.input, api="map_digits")
    Wire(best_and_worst, digit, list(extremes)).on(digit.input, api="best_and_worst")
    below = Wire(on_open_below, [own, layer, method, answer.reading, digit], [journey, *large, *extremes])
    Wire(on_open, [own, drawing, known, answer.reading], list(answer)).on(tab.select).then(below)
    Wire(show_journey, own, journey).on(uses.change).then(read, zoom)


class Buttons(NamedTuple):
    """What changes the pad."""

    clear: gr.Button
    test_digit: gr.Button
    stranger: gr.Button
    file: gr.UploadButton


def draw_digit() -> tuple[gr.HTML, gr.HTML, Buttons, Answer]:
    """Ten digits to choose from, the board, and beside it the answer."""
    chosen = strip(label="Examples: digits that people wrote")
    with columns("wl-digits-desk"):
        with gr.Column(scale=4, min_width=180):
            drawing = pad(label="Board to draw a digit on", value=example(FIRST))
        with gr.Column(scale=5, min_width=120):
            words, seen = place(NOTHING_DRAWN, live=True), place()
    with controls("wl-below-pad"):
        buttons = Buttons(
            gr.Button("Clear", size="sm", min_width=80),
            gr.Button("A test digit", size="sm", min_width=100),
            gr.Button("Not a digit", size="sm", min_width=100),
            gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120),
        )
    place(note(SOURCE))
    places = gr.HTML([], html_template=RINGS, apply_default_css=False, label="Your digit on every map")
    return chosen, drawing, buttons, Answer(words, seen, places, gr.State(None, time_to_live=3600))


def show_maps() -> tuple[gr.HTML, gr.Radio, gr.Radio, LayerMap]:
    """The maps of all layers, small, and one of them large."""
    section(
        "Through the net",
        "Each map shows the same 1,000 test digits as one layer sees them. What lies mixed in the pixels comes apart "
        "layer by layer; the ring is your digit.",
    )
    journey = place(label="Maps of every layer")
    with folded("One map, large"):
        with controls():
            layer = gr.Radio(LAYER_NAMES, value="Layer 5", label="Layer", scale=3, min_width=320)
            method = gr.Radio(METHODS, value=PCA, label="Flattened by", scale=1, min_width=160)
        large = LayerMap(gr.Plot(label="Map of one layer", show_label=False), place())
    return journey, layer, method, large


def show_test_set() -> tuple[gr.Radio, Extremes]:
    """Test digits of one class, and the confusion of all."""
    section("The best and the worst", "Test digits of which the net is surest, and those it gets wrong most surely.")
    digit = gr.Radio(DIGITS, value=str(FIRST), label="Digit")
    digits = place()
    with folded("Which digits it takes for which"):
        confusion = place()
    return digit, Extremes(digits, confusion)


def thumbnail() -> Markup:
    """For the home page: some of the example digits."""
    return join(picture(example["src"]) for example in digit_examples()[:4])
