"""Diagnose: what a net sees in a medical picture, where it looked, and whether that explanation holds."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.card import card_text
from demos._ui.events import Wire
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net
from demos._ui.page import columns, controls, on_visit, place, section, train_it
from demos._ui.pictures import picture
from demos._ui.widgets.picker import picked, picker, shown
from demos.diagnose import figures, maps, nets
from demos.diagnose.figures import WARNING
from demos.diagnose.maps import GRADCAM, METHODS
from demos.diagnose.nets import CELLS, MOLES, SUBJECTS, Reading, active_net
from models import CheckpointMissing
from signals import image
from training import Recipe
from training.recipes import cells_cnn

LIMITS = (
    "Not a medical device. Trained for research on a few dozen patients of one hospital; it has no “something else” "
    "answer, and a picture from another scanner, stain or camera is read all the same. The weights carry the data's limit: "
    "research only."
)
NO_MAP = note("Choose a picture above: its map appears here.")
NO_CELL = note("Choose a colon cell above: the same picture is then read by the float net and by its int8 forms.")
STRENGTH = "(value) => { document.documentElement.style.setProperty('--wl-strength', value / 100); }"
Own = Net[Any] | None


class Diagnosis(NamedTuple):
    """What one picture fills: once of components, once of values. `check` is the place of the weights check, empty again."""

    words: Any
    classes: Any
    reading: Any
    check: Any


class Switch(NamedTuple):
    """What the other subject brings at once."""

    picture: Any
    classes: Any
    reading: Any
    words: Any
    check: Any


class Below(NamedTuple):
    """What depends on the net alone: the layers that Grad-CAM can listen at, the test set's results, and the card."""

    depth: Any
    results: Any
    card: Any


# Handlers


def diagnose(subject: str, value: Any, own: Own) -> Diagnosis:
    """Read the picture (a `data:` address) of a cell or a mole.

    Gives the answer with calibrated probabilities, and the classes to explain with the predicted one chosen.
    """
    known, choice = SUBJECTS[subject], picked(value)
    if choice is None:
        return Diagnosis(figures.empty_text(), classes_of(subject), None, EMPTY)
    net = active_net(subject, own)
    began = time.perf_counter()
    reading = nets.classify(net, *nets.look_up(known, choice.key, choice.src))
    milliseconds = 1000 * (time.perf_counter() - began)
    best = int(reading.p_C.argmax())
    return Diagnosis(figures.answer_text(net, known, reading, milliseconds), classes_of(subject, best), reading, EMPTY)


def explain(reading: Reading | None, name: str, depth: float, method: str, own: Own) -> Markup:
    """Where the net looked for one class, by one method, over the picture, and whether that map holds."""
    if reading is None:
        return NO_MAP
    net = active_net(reading.subject, own)
    target, layer = nets.target_of(net, name), nets.layer_at(net, depth)
    heat_HW = maps.heatmap(net.model, reading.unit, target, layer, method)
    return figures.map_text(reading, maps.check_map(net, reading, heat_HW, target), name, method, layer)


def check_weights(reading: Reading | None, name: str, depth: float, method: str, own: Own) -> Iterator[Markup]:
    """Reset the net's weights stage by stage, from the answer backwards, and watch whether the map melts."""
    if reading is None:
        raise ValueError("Choose a picture first: then its map can be checked.")
    net = active_net(reading.subject, own)
    target, layer = nets.target_of(net, name), nets.layer_at(net, depth)
    stages: list[maps.Stage] = []
    for stage in maps.cascading_randomization(net, reading, target, layer, method):
        stages.append(stage)
        yield figures.randomization_text(reading, stages, done=False)
    heat_HW = maps.heatmap(net.model, reading.unit, target, layer, method)
    areas = figures.areas_text(maps.areas(net, reading, heat_HW, target))
    yield figures.randomization_text(reading, stages, done=True) + areas


def compare_precisions(reading: Reading | None, name: str, depth: float, own: Own) -> Markup:
    """The same picture read by the net in float and in three 8-bit forms, with their Grad-CAM maps side by side."""
    if reading is None or reading.subject != CELLS.name:
        return NO_CELL
    net = active_net(reading.subject, own)
    forms = maps.forms(net, reading, nets.target_of(net, name), nets.layer_at(net, depth))
    return figures.forms_text(reading, forms, CELLS.classes, nets.quantized_rows())


def random_test_sample(subject: str) -> dict[str, str]:
    """A random picture of the subject's test set; DataMissing where the test set is not here."""
    key, x_3HW = nets.random_test_sample(SUBJECTS[subject])
    return shown(image.to_data_url(image.from_rgb(x_3HW)), key)


def upload(path: str) -> dict[str, str]:
    """A visitor's own picture; ValueError where the file cannot be read."""
    return shown(nets.upload(path))


def switch_subject(subject: str) -> Switch:
    """The controls for the other subject, at once: its examples, its classes, and nothing read yet."""
    other = gr.HTML(value=shown(""), hint=SUBJECTS[subject].hint, examples=nets.examples(SUBJECTS[subject]))
    return Switch(other, classes_of(subject), None, figures.empty_text(), EMPTY)


def on_open(subject: str, own: Own) -> Below:
    """What waits for the tab to be opened, or for the other subject: its layers, its results, its card."""
    card = card_text(SUBJECTS[subject].recipe, LIMITS)
    try:
        net = active_net(subject, own)
    except CheckpointMissing as error:
        return Below(gr.skip(), note(str(error)), card)
    n = len(nets.layers(net))
    results = figures.results_text(net, SUBJECTS[subject], nets.novelty_curves(net))
    return Below(gr.update(maximum=n, value=n), results, card)


def nothing() -> Markup:
    """An empty place."""
    return EMPTY


def recipe_of(subject: str) -> Recipe[Any]:
    """What the panel trains for this subject."""
    return SUBJECTS[subject].recipe


def classes_of(subject: str, chosen: int = 0) -> Any:
    """The classes that can be explained, one of them chosen."""
    classes = SUBJECTS[subject].classes
    return gr.update(choices=list(classes), value=classes[chosen])


# The page


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    subject, pictured, file, sample, words = choose_picture()
    name, method, depth, map_shown, reset, check = show_maps()
    section(
        "The same cell, in fewer bits",
        "The cells' net with 8-bit weights and inputs: what it reads, and where it looks.",
    )
    forms = place(note("Choose a colon cell above."))
    section("How good is it", WARNING)
    below = Below(depth, place(), place())
    on_visit(lambda: figures.waiting_text(nets.untrained()))  # anew for every visit: somebody may have trained them
    uses = train_it(
        "The same recipe from its first weights, in your own session, for the pictures chosen at the top. Nothing is "
        "written to disk.",
        cells_cnn.recipe, use=Net.from_run, state=own, choose=recipe_of, inputs=[subject],
    )  # fmt: skip

    reads = Wire(diagnose, [subject, pictured, own], list(Diagnosis(words, name, reading, check)))
    where = Wire(explain, [reading, name, depth, method, own], map_shown)
    smaller = Wire(compare_precisions, [reading, name, depth, own], forms)
    opening = Wire(on_open, [subject, own], list(below))
    reads.on(pictured.input, api="diagnose").then(where, smaller)
    Wire(upload, file, pictured).on(file.upload, api="upload_picture").then(reads, where, smaller)
    Wire(random_test_sample, subject, pictured).on(sample.click, api="test_picture").then(reads, where, smaller)
    switching = Wire(switch_subject, subject, list(Switch(pictured, name, reading, words, check)), "at once")
    switching.on(subject.input).then(opening, where, smaller)

    where.on(name.input, depth.release, method.input, api="explain_diagnosis").then(
        Wire(nothing, None, check, "at once"), smaller
    )
    Wire(check_weights, where.inputs, check).on(reset.click, api="check_explanation")
    opening.on(tab.select)
    opening.on(uses.change).then(reads, where, smaller)


def choose_picture() -> tuple[gr.Radio, gr.HTML, gr.UploadButton, gr.Button, gr.HTML]:
    """The subject, its picture, whose it may be, and the place of the answer."""
    subject = gr.Radio(list(SUBJECTS), value=CELLS.name, label="What to look at")
    with columns():
        with gr.Column(scale=4, min_width=300):
            pictured = picker(label="The picture", hint=CELLS.hint, examples=nets.examples(CELLS))
            with controls():
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
                sample = gr.Button("A test picture", size="sm", min_width=100)
            place(
                note(
                    "Examples: cells and moles drawn by a function of this project; the cat is scikit-image's Chelsea (CC0)."
                )
            )
        with gr.Column(scale=5, min_width=300):
            words = place(figures.empty_text(), live=True)
    return subject, pictured, file, sample, words


def show_maps() -> tuple[gr.Radio, gr.Radio, gr.Slider, gr.HTML, gr.Button, gr.HTML]:
    """What to explain, and how; the maps, and the weights check."""
    section(
        "Where it looked",
        "A heat map is a claim, so each one is tested: what it calls hot is removed, and the net is asked again.",
    )
    with controls():
        name = gr.Radio(
            list(CELLS.classes), value=CELLS.classes[0], label="Explain which answer", scale=3, min_width=300
        )
        method = gr.Radio(list(METHODS), value=GRADCAM, label="Method", scale=3, min_width=300)
    with controls():
        depth = gr.Slider(1, 6, value=6, step=1, label="Layer, early to late (Grad-CAM)", min_width=220)
        strength = gr.Slider(0, 100, value=55, step=5, label="Strength of the overlay, %", min_width=220)
    Wire(None, strength, script=STRENGTH).on(strength.input)
    map_shown = place(NO_MAP, live=True)
    reset = gr.Button("Reset the weights, layer by layer", size="sm")
    place(
        note(
            "The randomised-weights check (Adebayo 2018): an honest map melts as the net forgets. One that stays shows the picture, not the net."
        )
    )
    return name, method, depth, map_shown, reset, place()


def thumbnail() -> Markup:
    """For the home page: the drawn cells and moles."""
    files = (*CELLS.examples[:3], *MOLES.examples[:3])
    return join(picture(nets.example(file)) for file in files[:4])
