"""Compression: a net made up to two hundred times smaller, and what that costs in digits read wrong, bytes and time."""

from typing import Any, NamedTuple

import gradio as gr
import torch
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.html import EMPTY, note
from demos._ui.page import columns, controls, folded, how_good, place, section, train_it
from demos._ui.widgets.pad import example, pad, strip, taking, upload
from demos.compression import download, figures, nets
from demos.compression.nets import BYTE, METHODS, NUMBERS, TAUGHT, Choice, Own
from signals import image
from training import Recipe
from training.recipes import mnist_mlp_rank20, mnist_mlp_x93

LIMITS = (
    "Every × is against the whole net in 32-bit numbers. 8-bit numbers save bytes, not time: they are turned back before "
    "each sum."
)
FIRST = "mnist_mlp_x93"
"""The stop at which the tab opens."""
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
    """What the chosen net fills: once of components, once of values."""

    verdict: Any
    curve: Any
    details: Any
    layer: Any
    matrix: Any


class Layer(NamedTuple):
    """One layer, before and after."""

    layer: Any
    matrix: Any


class Controls(NamedTuple):
    """What a choice is made of."""

    point: Any
    method: Any
    numbers: Any


# Handlers


def offer(point: str, method: str, numbers: str) -> Controls:
    """What can be chosen now: the kinds of numbers that go with the method, and the sizes that go with both.

    The size that is nearest to the one before stays chosen. ValueError where no net of that kind has been made.
    """
    kinds = nets.numbers_of(method)
    numbers = numbers if numbers in kinds else next(iter(kinds), "")
    offered = nets.stops(method, numbers) if kinds else []
    if not offered:
        raise ValueError(
            "There is no such net on this server yet. The command “make fit NAME=mnist_mlp” makes the first."
        )
    before = [stop for m in METHODS for kind in nets.numbers_of(m) for stop in nets.stops(m, kind)]
    known = next((stop for stop in before if stop.point == point), offered[-1])
    same = next((stop for stop in offered if stop.point == point), None)
    chosen = same or nets.nearest(offered, known.times_smaller)
    sizes = [(stop.title, stop.point) for stop in offered]
    return Controls(gr.update(choices=sizes, value=chosen.point), method, gr.update(choices=kinds, value=numbers))


def compress(point: str, method: str, numbers: str, layer: str | None, own: Own | None) -> Page:
    """Compress the net to one of its sizes, and say what that costs.

    Gives the verdict, the curve with this net on it, its details, and the weights of one layer before and after.
    """
    choice = Choice.of(point, method, numbers)
    made, whole = nets.compress(choice), nets.whole_cost(choice.net)
    lines = {name: nets.stops(name, numbers) for name in METHODS if numbers in nets.numbers_of(name)}
    return Page(
        figures.verdict_text(choice.stop, nets.stops(method, numbers)[0]),
        figures.curve_chart(lines, method, choice.stop, own),
        figures.details_text(choice, made, whole.parameters, whole.macs, nets.cut_by_samples(choice)),
        *layer_of(choice, layer),
    )


def show_layer(point: str, method: str, numbers: str, layer: str | None) -> Layer:
    """One layer's matrix before and after, with its singular values and where they were cut."""
    return layer_of(Choice.of(point, method, numbers), layer)


def layer_of(choice: Choice, layer: str | None) -> Layer:
    """The layer called so, or the second one, of a choice."""
    made, matrices = nets.compress(choice), nets.matrices(choice.net)
    titles = {figures.layer_name(i, len(matrices)): name for i, name in enumerate(matrices)}
    title = layer if layer in titles else list(titles)[1]
    name = titles[title]
    drawn = figures.layer_text(
        title, choice.method, matrices[name], nets.matrix_after(made.net, name),
        nets.singular_values(choice.net, name), made.ranks.get(name),
    )  # fmt: skip
    return Layer(gr.update(choices=list(titles), value=title), drawn)


def read_by_both(point: str, method: str, numbers: str, own: Own | None, address: str | None) -> Markup:
    """The visitor's digit, read by the whole net and by the small one."""
    if not address:
        return note("Draw a digit, or choose one: both nets will read it.")
    x_11HW = image.as_mnist(image.from_data_url(address))[None, None]
    choice = Choice.of(point, method, numbers)
    readers = {"The whole net": choice.net.model, f"The small one ({choice.stop.title})": nets.compress(choice).net}
    if own is not None:
        readers["Yours"] = own.net.model
    with torch.no_grad():
        answers = [(title, net(x_11HW)[0].softmax(0).tolist()) for title, net in readers.items()]
    return figures.answers_text(answers) + (figures.own_text(own) if own is not None else EMPTY)


def pack(point: str, method: str, numbers: str) -> Any:
    """The compressed net as a zip of safetensors, config and card, ready on the download button."""
    path = download.pack(Choice.of(point, method, numbers))
    return gr.update(value=str(path), label=f"Download {path.name}", interactive=True)


def unpack() -> Any:
    """The download button as it was: what was packed is not what is chosen now."""
    return gr.update(value=None, label=UNPACKED, interactive=False)


def clear() -> str:
    """An empty pad."""
    return ""


def recipe_of(point: str, method: str, numbers: str) -> Recipe[Any]:
    """The recipe that teaches a net of the shape that the controls show."""
    return nets.distillation(Choice.of(point, method, numbers))


# The page


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    chosen, verdict, curve, details = choose_size()
    digit, drawing, wipe, file, both = draw_digit()
    page = Page(verdict, curve, details, *show_one_layer())
    prepare, packed = take_away()
    how_good(mnist_mlp_x93.recipe, LIMITS)
    uses = train_it(
        "Cut a net to the size that you chose above, and watch the whole one teach it to read again.",
        mnist_mlp_rank20.recipe, use=Own.from_run, state=own, seconds=30, choose=recipe_of, inputs=list(chosen),
    )  # fmt: skip

    reading = Wire(read_by_both, [*chosen, own, drawing], both)
    reading.on(drawing.input, api="read_by_both")
    compressing = Wire(compress, [*chosen, page.layer, own], list(page))
    compressing.on(chosen.point.input, api="compress").then(reading)
    Wire(offer, list(chosen), list(chosen)).on(chosen.method.input, chosen.numbers.input).then(compressing, reading)
    compressing.on(tab.select).then(reading)
    compressing.on(uses.change).then(reading)
    Wire(show_layer, [*chosen, page.layer], list(Layer(page.layer, page.matrix))).on(page.layer.input)
    taking(digit, drawing).on(digit.input).then(reading)
    Wire(upload, file, drawing).on(file.upload, api="upload_for_both").then(reading)
    Wire(clear, None, drawing, "at once").on(wipe.click, api="clear_for_both").then(reading)
    Wire(pack, list(chosen), packed).on(prepare.click, api="pack_compressed")
    Wire(unpack, None, packed, "at once").on(chosen.point.input, chosen.method.input, chosen.numbers.input)


def choose_size() -> tuple[Controls, gr.HTML, gr.HTML, gr.HTML]:
    """Size, method and numbers; what they come to in a sentence, on the curve, and in detail."""
    sizes = [(stop.title, stop.point) for stop in nets.stops(TAUGHT, BYTE)]
    point = gr.Radio(sizes, value=FIRST, label="How many times smaller")
    verdict, curve = place(live=True), place()
    with controls():
        method = gr.Radio(list(METHODS), value=TAUGHT, label="Made smaller by being", min_width=280, scale=2)
        numbers = gr.Radio(list(NUMBERS), value=BYTE, label="Stored as", min_width=240)
    with folded("The chosen net in numbers"):
        details = place()
    return Controls(point, method, numbers), verdict, curve, details


def draw_digit() -> tuple[gr.HTML, gr.HTML, gr.Button, gr.UploadButton, gr.HTML]:
    """Digits to choose, the board, what empties and fills it, and the place of both nets' answers."""
    section("Read by both nets", "The same digit, read by the whole net and by the small one.")
    chosen = strip(label="Examples: digits that people wrote")
    with columns("wl-compression-desk"):
        with gr.Column(scale=2, min_width=240):
            drawing = pad(label="Board to draw a digit on", value=example(7))
            with controls("wl-below-pad"):
                wipe = gr.Button("Clear", size="sm", min_width=80)
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
        with gr.Column(scale=4, min_width=300):
            both = place(live=True)
    return chosen, drawing, wipe, file, both


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
