"""Compression: one slider from the whole net to a hundredth of it, and what that costs in accuracy, bytes and time."""

from typing import Any, NamedTuple

import gradio as gr
import torch
from markupsafe import Markup

from demos._ui.card import card_text
from demos._ui.events import Wire
from demos._ui.html import EMPTY, note
from demos._ui.page import columns, controls, on_visit, place, section, train_it
from demos._ui.widgets.pad import example, pad, strip, taking, upload
from demos.compression import download, figures, nets
from demos.compression.nets import DENSE, DISTILLATION, METHODS, Choice, Own
from signals import image
from training import DataMissing, Recipe
from training.recipes import mnist_mlp, mnist_mlp_rank20

LIMITS = (
    "Every × and every share is against the dense net in float32. A latency is a ratio of medians, measured in turns on "
    "this machine for one picture at a time. int8 here is weight-only: it saves bytes, not time."
)
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


class Page(NamedTuple):
    """What the chosen point fills: once of components, once of values."""

    numbers: Any
    layer: Any
    matrix: Any
    plot: Any
    words: Any


class Layer(NamedTuple):
    """One layer, before and after."""

    layer: Any
    matrix: Any


# Handlers


def compress(name: str, percent: float, method: str, precision: str, layer: str | None, own: Own | None) -> Page:
    """Compress a trained net to a share of its bytes, and measure what that costs.

    Gives the readout, the weights of one layer before and after, the curve with this point on it, and the ranks. On a
    machine without the data, whitening is read off the stored curve.
    """
    choice = Choice.of(name, percent, method, precision)
    dense, rows = nets.dense_cost(choice.net), nets.benchmark(name)
    try:
        point = nets.compress(choice)
    except DataMissing as error:
        size, score = choice.most_bytes, nets.interpolated_accuracy(choice, choice.most_bytes)
        words = note(f"Read off the stored curve: whitening needs training pictures. {error}")
        return Page(
            figures.numbers_text(score, size, dense), gr.skip(), EMPTY, figures.curve(rows, size, score, own), words
        )
    score = nets.score(choice)
    return Page(
        figures.numbers_text(score, point.bytes, dense, point, nets.latency_ratio(choice)),
        *layer_of(choice, layer),
        figures.curve(rows, point.bytes, score, own),
        figures.point_text(choice, point),
    )


def show_layer(name: str, percent: float, method: str, precision: str, layer: str | None) -> Layer:
    """One layer's matrix before and after, with its singular values and where they were cut."""
    return layer_of(Choice.of(name, percent, method, precision), layer)


def layer_of(choice: Choice, layer: str | None) -> Layer:
    """The layer called so, or the second one, of a choice."""
    point, matrices = nets.compress(choice), nets.matrices(choice.net)
    names = list(matrices)
    layer = layer if layer in names else names[min(1, len(names) - 1)]
    drawn = figures.layer_text(
        layer, choice.method, matrices[layer], nets.matrix_after(point.net, layer),
        nets.singular_values(choice.net, layer), point.ranks.get(layer),
    )  # fmt: skip
    return Layer(gr.update(choices=names, value=layer), drawn)


def read_by_both(
    name: str, percent: float, method: str, precision: str, own: Own | None, address: str | None
) -> Markup:
    """The visitor's digit, read by the dense net and by the compressed one."""
    if not address:
        return note("Draw a digit, or choose one below the pad: both nets will read it.")
    x_11HW = image.as_mnist(image.from_data_url(address))[None, None]
    choice = Choice.of(name, percent, method, precision)
    readers = {"Dense": choice.net.model, "Compressed": nets.compress(choice).net}
    if own is not None:
        readers[figures.own_title(own)] = own.net.model
    with torch.no_grad():
        return figures.answers_text([(title, net(x_11HW)[0].softmax(0).tolist()) for title, net in readers.items()])


def pack(name: str, percent: float, method: str, precision: str) -> Any:
    """The compressed net as a zip of safetensors, config and card, ready on the download button."""
    path = download.pack(Choice.of(name, percent, method, precision))
    return gr.update(value=str(path), label=f"Download {path.name}", interactive=True)


def unpack() -> Any:
    """The download button as it was: what was packed is not what is chosen now."""
    return gr.update(value=None, label=UNPACKED, interactive=False)


def clear() -> str:
    """An empty pad."""
    return ""


def recipe_of(name: str, percent: float, method: str, precision: str) -> Recipe[Any]:
    """The recipe that teaches the point that the controls show."""
    return nets.distillation(Choice.of(name, percent, method, precision))


# The page


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    chosen, page = choose_point()
    chosen_digit, drawing, wipe, file, both = draw_digit()
    prepare, packed = take_away()
    section("How good is it", "The dense net that everything here is cut from.")
    on_visit(lambda: card_text(mnist_mlp.recipe, LIMITS))
    uses = train_it(
        "Distil the point that you chose above from its truncated weights, and watch it climb back. A net that is "
        "distilled already begins again, from the whitened one of the same budget.",
        mnist_mlp_rank20.recipe, use=Own.from_run, state=own, seconds=20, choose=recipe_of, inputs=list(chosen),
    )  # fmt: skip

    moved = (chosen.name.input, chosen.method.input, chosen.precision.input, chosen.percent.release)
    reading = Wire(read_by_both, [*chosen, own, drawing], both)
    reading.on(drawing.input, api="read_by_both")
    taking(chosen_digit, drawing).on(chosen_digit.input).then(reading)
    compressing = Wire(compress, [*chosen, page.layer, own], list(page))
    compressing.on(*moved, api="compress").then(reading)
    compressing.on(tab.select)
    reading.on(tab.select)
    compressing.on(uses.change).then(reading)
    Wire(show_layer, [*chosen, page.layer], list(Layer(page.layer, page.matrix))).on(page.layer.input)
    Wire(upload, file, drawing).on(file.upload, api="upload_for_both").then(reading)
    Wire(clear, None, drawing, "at once").on(wipe.click, api="clear_for_both").then(reading)
    Wire(pack, list(chosen), packed).on(prepare.click, api="pack_compressed")
    Wire(unpack, None, packed, "at once").on(*moved)


class Controls(NamedTuple):
    """What a choice is made of."""

    name: gr.Radio
    percent: gr.Slider
    method: gr.Radio
    precision: gr.Radio


def choose_point() -> tuple[Controls, Page]:
    """Net, method, numbers and budget; what they come to, and one layer of it."""
    with gr.Row(equal_height=False, elem_classes="wl-controls"):
        name = gr.Radio(list(DENSE), value="mnist_mlp", label="Net", min_width=220)
        method = gr.Radio(list(METHODS), value=DISTILLATION, label="Method", min_width=320, scale=2)
        precision = gr.Radio(["float32", "int8"], value="float32", label="Numbers", min_width=160)
    percent = gr.Slider(0.5, 100, value=5, step=0.1, label="Budget, % of the dense net's float32 bytes")
    numbers, words = place(live=True), place()
    plot = gr.Plot(label="Accuracy against bytes", show_label=False)
    section(
        "Why so little is enough",
        "A layer's matrix is nearly a product of two thin ones: most of its directions carry next to nothing.",
    )
    layer = gr.Dropdown([], label="Layer", allow_custom_value=False, filterable=False)
    return Controls(name, percent, method, precision), Page(numbers, layer, place(), plot, words)


def draw_digit() -> tuple[gr.HTML, gr.HTML, gr.Button, gr.UploadButton, gr.HTML]:
    """The pad, what empties and fills it, and the place of both nets' answers."""
    section("Read by both nets")
    chosen = strip(label="Examples: digits that people wrote")
    with columns():
        with gr.Column(scale=2, min_width=280):
            drawing = pad(label="Board to draw a digit on", value=example(7))
            with controls("wl-below-pad"):
                wipe = gr.Button("Clear", size="sm", min_width=80)
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
        with gr.Column(scale=3, min_width=300):
            both = place()
    return chosen, drawing, wipe, file, both


def take_away() -> tuple[gr.Button, gr.DownloadButton]:
    """What packs the net, what hands it over, and the lines that load it."""
    section("Take it with you", "The weights as safetensors, with config and card; ten lines of Python load them.")
    with controls():
        prepare = gr.Button("Pack the net chosen above")
        packed = gr.DownloadButton(UNPACKED, interactive=False)
    gr.Code(
        CODE, language="python", label="Load it", interactive=False, wrap_lines=True, elem_classes="wl-compression-code"
    )
    return prepare, packed
