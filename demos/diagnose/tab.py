"""Diagnose: what a net sees in a medical picture, where it looked, and whether that explanation holds."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
from markupsafe import Markup

from demos._ui.card import card_text, headline
from demos._ui.events import Wire, sentence
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net
from demos._ui.page import folded, on_visit, place, section, train_it
from demos._ui.pictures import picture
from demos._ui.widgets.picker import picked, shown
from demos.diagnose import figures, maps, nets, subjects
from demos.diagnose.layout import (
    NO_MAP,
    Below,
    Brought,
    Diagnosis,
    Looked,
    choose_picture,
    show_answer,
    show_settings,
)
from demos.diagnose.nets import Reading, active_net
from demos.diagnose.subjects import CELLS, SUBJECTS, XRAYS
from models import CheckpointDamaged, CheckpointMissing
from signals import image
from training import Recipe
from training.recipes import pneumonia_cnn

LIMITS = (
    "Never for a patient. The films are of children of one hospital (Guangzhou), shrunk to 28 × 28 pixels, smaller than many "
    "signs of a disease; the cells and moles are of a few dozen patients of one hospital each. A net has no “something else” "
    "answer: a picture of another machine, stain or camera is read all the same. Weights for cells and moles: research only."
)
NO_ANSWER = note("Choose an example above, or upload a picture: the answer comes by itself.")
NO_CELL = note("Choose a colon cell above: the same picture is then read by the float net and by its int8 forms.")
TRAIN = (
    "The net of the subject above learns again from its first weights, in your own session; nothing is written to disk. Cells "
    "and moles may not be passed on: where they are missing, chest X-rays are learnt in their place."
)
FACES = ("film-pneumonia.png", "film-normal.png", "cell-round.png", "mole-even.jpg")
Own = Net[Any] | None


# Handlers


def diagnose(subject: str, value: Any, own: Own) -> Diagnosis:
    """Read the picture (a `data:` address) of a chest film, a cell or a mole.

    Gives the answer with calibrated probabilities, and the classes to explain with the predicted one chosen.
    """
    known, choice = SUBJECTS[subject], picked(value)
    if choice is None:
        return Diagnosis(NO_ANSWER, EMPTY, classes_of(subject), None, EMPTY)
    net = active_net(subject, own)
    began = time.perf_counter()
    reading = nets.classify(net, *subjects.look_up(known, choice.key, choice.src))
    milliseconds = 1000 * (time.perf_counter() - began)
    sure = figures.sureness_text(net, known, reading, milliseconds)
    chosen = classes_of(subject, int(reading.p_C.argmax()))
    return Diagnosis(figures.answer_text(known, reading), sure, chosen, reading, EMPTY)


def explain(reading: Reading | None, name: str, depth: float, method: str, own: Own) -> Looked:
    """Where the net looked for one class, by one method, over the picture, and whether that map holds."""
    if reading is None:
        return Looked(NO_MAP, EMPTY)
    net = active_net(reading.subject, own)
    target, layer = nets.target_of(net, name), nets.layer_at(net, depth)
    heat_HW = maps.heatmap(net.model, reading.unit, target, layer, method)
    found, name = maps.check_map(net, reading, heat_HW, target), SUBJECTS[reading.subject].classes[target]
    where = figures.map_text(reading, found, name, method, nets.layer_words(net, layer))
    return Looked(where, figures.map_verdict(found, name))


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
    key, x_3HW = subjects.random_test_sample(SUBJECTS[subject])
    return shown(image.to_data_url(image.from_rgb(x_3HW)), key)


def upload(path: str) -> dict[str, str]:
    """A visitor's own picture; ValueError where the file cannot be read."""
    return shown(subjects.upload(path))


def show_subject(subject: str, own: Own) -> Brought:
    """Another subject: its examples with the first of them chosen, its classes, its number, and what it can do here."""
    known = SUBJECTS[subject]
    examples = subjects.examples(known)
    first = shown(examples[0]["src"], examples[0]["key"])
    return Brought(
        subject,
        gr.HTML(value=first, examples=examples),
        classes_of(subject),
        layers_of(subject, own),
        figures.about_text(known, headline(known.recipe)),
        gr.update(value=f"Another test {known.thing}", visible=known.here),
        gr.update(visible=known is CELLS),
    )


def open_tab(subject: str, reading: Reading | None, own: Own) -> Brought:
    """The first example on the page when the tab is opened; nothing changes where something is read already."""
    return show_subject(subject, own) if reading is None else Brought(*[gr.skip()] * len(Brought._fields))


def show_own(subject: str, own: Own) -> Brought:
    """The subject that this visitor's own net knows, with its first example; where there is none, the same again.

    That is said even where nothing changes: what follows it reads the picture by another net.
    """
    known = nets.subject_of(own).name if own else subject
    return show_subject(known, own) if known != subject else Brought(subject, *[gr.skip()] * (len(Brought._fields) - 1))


def results(subject: str, own: Own) -> Below:
    """What is measured of the subject's net: its test set, what it learnt from, its card."""
    known = SUBJECTS[subject]
    card = card_text(known.recipe, LIMITS)
    try:
        net = active_net(subject, own)
    except (CheckpointMissing, CheckpointDamaged) as error:
        return Below(note(sentence(error)), card)
    others = nets.strangers(net), nets.beside(known.recipe)
    return Below(figures.results_text(net, known, *others), join([figures.further_text(net, known, *others), card]))


def recipe_of(subject: str) -> Recipe[Any]:
    """What the panel trains for this subject: its own recipe where its data is here, else the chest X-rays'."""
    known = SUBJECTS[subject]
    return known.recipe if known.here else XRAYS.recipe


def classes_of(subject: str, chosen: int = 0) -> Any:
    """The classes that can be explained, one of them chosen."""
    classes = SUBJECTS[subject].classes
    return gr.update(choices=list(classes), value=classes[chosen])


def layers_of(subject: str, own: Own) -> Any:
    """The slider over the layers that Grad-CAM can listen at, at the last of them; as it is where there is no net."""
    try:
        n = len(nets.layers(active_net(subject, own)))
    except (CheckpointMissing, CheckpointDamaged):
        return gr.skip()
    return gr.update(maximum=n, value=n)


def nothing() -> Markup:
    """An empty place."""
    return EMPTY


# The page


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    subject, about, pictured, sample, file = choose_picture()
    words, sure, looked = show_answer()
    name, method, depth, reset, check = show_settings()
    with folded("The same cell, in fewer bits", visible=False) as cells_only:
        forms = place(NO_CELL)
    section("How good is it")
    measured = place()
    with folded("More: others, data, limits"):
        below = Below(measured, place())
        on_visit(waiting)
    uses = train_it(TRAIN, pneumonia_cnn.recipe, use=Net.from_run, state=own, choose=recipe_of, inputs=[subject])

    brought = list(Brought(subject, pictured, name, depth, about, sample, cells_only))
    reads = Wire(diagnose, [subject, pictured, own], list(Diagnosis(words, sure, name, reading, check)))
    where = Wire(explain, [reading, name, depth, method, own], list(looked))
    smaller = Wire(compare_precisions, [reading, name, depth, own], forms)
    measures = Wire(results, [subject, own], list(below))
    answers = (reads, where, smaller)
    reads.on(pictured.input, api="diagnose").then(where, smaller)
    Wire(upload, file, pictured).on(file.upload, api="upload_picture").then(*answers)
    Wire(random_test_sample, subject, pictured).on(sample.click, api="test_picture").then(*answers)
    Wire(show_subject, [subject, own], brought).on(subject.input).then(*answers, measures)
    Wire(open_tab, [subject, reading, own], brought).on(tab.select).then(*answers, measures)
    Wire(show_own, [subject, own], brought).on(uses.change).then(*answers, measures)

    where.on(name.input, depth.input, method.input, api="explain_diagnosis").then(
        Wire(nothing, None, check, "at once"), smaller
    )
    Wire(check_weights, where.inputs, check).on(reset.click, api="check_explanation")


def waiting() -> Markup:
    """What has a recipe and no weights yet."""
    return figures.waiting_text(nets.untrained())


def thumbnail() -> Markup:
    """For the home page: two test films, a cell and a mole."""
    return join(picture(subjects.example(file)) for file in FACES)
