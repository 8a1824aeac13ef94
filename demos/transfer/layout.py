"""The parts of the page of Transfer learning: the picture with its row, one's own head, and the lessons."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import gradio as gr

from demos._ui.html import Text, note
from demos._ui.page import columns, controls, folded, on_visit, place, section
from demos._ui.widgets.picker import gallery
from demos.transfer.bring import bring
from demos.transfer.lessons import GREY, GROUNDS, KEPT, TINTS
from demos.transfer.nets import DEPTHS
from demos.transfer.own import NOTHING_YET
from training.data.grocery import CLASSES

PROMISE = (
    "Two to nine kinds of things, a few photographs of each: cups and glasses, two kinds of leaves, your own two cats. Each picture "
    "is shrunk in your browser to 200 × 200 pixels; the server keeps no picture and writes nothing down."
)


class Sources(NamedTuple):
    """What a picture comes from."""

    gallery: gr.HTML
    sample: gr.Button
    file: gr.UploadButton


class Row(NamedTuple):
    """The picture, what most say of it, and everybody's answer."""

    picture: gr.HTML
    words: gr.HTML
    row: gr.HTML
    missing: gr.HTML


class Bring(NamedTuple):
    """One's own pictures, what the head made of them says, and what there is to take away."""

    bring: gr.HTML
    example: gr.Button
    words: gr.HTML
    tried: gr.HTML
    map: gr.HTML
    pack: gr.Button
    file: gr.DownloadButton


class Lessons(NamedTuple):
    """The sliders, and what each moves."""

    shots: gr.Slider
    curve: gr.HTML
    depth: gr.Slider
    near: gr.HTML
    by_depth: gr.HTML
    tint: gr.Slider
    kept: gr.Slider
    ground: gr.Radio
    changed: gr.HTML
    falls: gr.HTML


class Looks(NamedTuple):
    """For which class the maps are, and the maps."""

    name: gr.Radio
    looks: gr.HTML


class Below(NamedTuple):
    """What is known of the test set."""

    map: gr.HTML
    which: gr.Radio
    confusion: gr.HTML
    worst: gr.HTML


def show_desk() -> tuple[Sources, Row]:
    """The picture on the left, and to its right what everybody says of it."""
    with columns("wl-transfer-desk"):
        with gr.Column(scale=4, min_width=280, elem_classes=["wl-transfer-left"]):
            picture = place()
            with controls("wl-transfer-sources"):
                sample = gr.Button("A test picture", size="sm", min_width=110)
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=130)
        with gr.Column(scale=7, min_width=300):
            pictures = gallery(label="Test pictures, and two strangers", elem_classes=["wl-transfer-gallery"])
            words = place(live=True)
            row = place()
            with folded("Backbones that are not here"):
                missing = place()
    return Sources(pictures, sample, file), Row(picture, words, row, missing)


def show_bring() -> Bring:
    """Bring five of your own."""
    section("Bring five of your own", PROMISE)
    with columns("wl-transfer-own"):
        with gr.Column(scale=6, min_width=300):
            part = bring(label="Your pictures, by kind")
            with controls():
                example = gr.Button("Fill in an example", size="sm", min_width=130)
        with gr.Column(scale=5, min_width=300):
            words = place(note(NOTHING_YET), live=True, elem_classes=["wl-transfer-said"])
            tried = place(live=True)
            drawn = place()
            with controls():
                pack = gr.Button("Prepare the zip", size="sm", min_width=130)
                file = gr.DownloadButton("Take it all away", size="sm", interactive=False, min_width=130)
            place(
                note(
                    "In the zip: your pictures, the head, the backbone, and the code that trains and asks it on your own machine."
                )
            )
    return Bring(part, example, words, tried, drawn, pack, file)


def show_lessons(on_test: Callable[[], Text]) -> Lessons:
    """How many pictures, how deep, and what makes it fail."""
    section(
        "How many pictures does it take?",
        "The backbone has seen a million pictures. So a linear head on its features needs few more, where a net from scratch needs all.",
    )
    count = gr.Slider(1, 50, value=5, step=1, label="Pictures of each kind")
    curve = place(live=True)
    section(
        "How deep?", "Features of another block, other neighbours: colours and edges first, then textures, then things."
    )
    depth = gr.Slider(1, DEPTHS, value=DEPTHS, step=1, label="Block of the backbone, early to late")
    with columns("wl-transfer-depth"):
        with gr.Column(scale=6, min_width=300):
            near = place(live=True)
        with gr.Column(scale=5, min_width=300):
            by_depth = place()
    tint, kept, ground, changed, falls = show_failures(on_test)
    return Lessons(count, curve, depth, near, by_depth, tint, kept, ground, changed, falls)


def show_failures(on_test: Callable[[], Text]) -> tuple[gr.Slider, gr.Slider, gr.Radio, gr.HTML, gr.HTML]:
    """Another light, another ground."""
    section(
        "What falls first?",
        "The same picture in another light, or with only its middle left: the net, or a histogram that knows nothing but colours?",
    )
    with columns("wl-transfer-fail"):
        with gr.Column(scale=5, min_width=280):
            tint = gr.Slider(TINTS[0], TINTS[-1], value=0, step=0.5, label="Light: bluer to redder, in stops")
            kept = gr.Slider(
                round(100 * KEPT[-1]), 100, value=100, step=5, label="How much of the middle stays, % of the area"
            )
            ground = gr.Radio(list(GROUNDS), value=GREY, label="On which ground", elem_classes=["wl-pick"])
        with gr.Column(scale=7, min_width=300):
            changed = place(live=True)
    falls = place()
    with folded("What falls first on the whole test set"):
        on_visit(on_test)
    return tint, kept, ground, changed, falls


def show_looks() -> Looks:
    """Where each backbone looked."""
    section("Where did they look?", "Grad-CAM at each backbone’s last stage, and whether that map holds.")
    with folded("Explain another answer"):
        name = gr.Radio(list(CLASSES), value=CLASSES[0], label="What speaks for", elem_classes=["wl-pick"])
    return Looks(name, place(live=True))


def show_below(nets: Sequence[str]) -> Below:
    """The groceries as a map, and where each net is wrong."""
    section(
        "The groceries as the backbone sees them",
        "Training pictures laid out so that neighbours stay neighbours. Nobody told the backbone what an apple is.",
    )
    drawn = place()
    with folded("Which it takes for which, and the worst of the test set"):
        which = gr.Radio(list(nets), value=nets[0], label="Whose answers", elem_classes=["wl-pick"])
        with columns("wl-transfer-test"):
            with gr.Column(scale=6, min_width=300):
                confusion = place(live=True)
            with gr.Column(scale=5, min_width=300):
                worst = place()
    return Below(drawn, which, confusion, worst)
