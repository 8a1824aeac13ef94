"""Scan translation: one contrast of a brain scan from the other, how far off it is, where it is unsure, and what it hides."""

import random
from functools import partial
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.card import card_text
from demos._ui.events import Wire, sentence
from demos._ui.html import join
from demos._ui.nets import Net, active
from demos._ui.page import folded, place, section, train_it
from demos._ui.widgets.picker import picked, shown
from demos.translation import figures, nets
from demos.translation.layout import change_scan, choose_scan, examples, show_outlines
from demos.translation.nets import DIRECTIONS, FIRST, THERE, Scan
from demos.translation.reasons import explain, show_reasons
from demos.translation.single_batch import single_batch_section
from models import CheckpointDamaged, CheckpointMissing
from signals import image
from training import Recipe

LIMITS = (
    "Single slices of 128 × 128 of adults with lower-grade gliomas; another sequence, age or disease will do worse. Weights "
    "carry the data's licence (CC BY-NC-SA 4.0): not for commercial use, and never for a patient."
)
NO_SCAN = "There is no scan yet: choose an example, or upload one."
Own = Net[Any] | None


class Choice(NamedTuple):
    """A scan and what the picker shows of it: once of components, once of what fills them."""

    picker: Any = gr.skip()
    scan: Any = gr.skip()


class Answer(NamedTuple):
    """What a net made of a scan: on the page, and for the explanations."""

    text: Any
    made: Any


class Facing(NamedTuple):
    """The controls as one direction needs them."""

    picker: Any
    loss: Any
    scan: Any


class Quality(NamedTuple):
    """All nets side by side with the warning's own figures, and the card of the one in use."""

    nets: Any
    card: Any


# Handlers


def select_scan(value: Any) -> Scan:
    """What is picked: an example or a test slice by its key, or a picture whose truth nobody knows."""
    found = picked(value)
    if found is None:
        raise ValueError(NO_SCAN)
    return nets.known(found.key) or nets.from_picture(image.from_data_url(found.src))


def read_upload(path: str, direction: str) -> Choice:
    """A visitor's picture file, PNG or JPEG, of any size, grey or colour."""
    return choice_of(nets.read_scan(path), direction)


def read_truth(path: str, scan: Scan | None, direction: str) -> Scan:
    """The other contrast of the scan that was uploaded before."""
    if scan is None:
        raise ValueError("Upload the scan first, then the same slice as the other kind of scan.")
    return nets.with_truth(scan, nets.read_scan(path), DIRECTIONS[direction])


def random_test_slice(direction: str) -> Choice:
    """A random slice of the test split that is at hand."""
    return choice_of(
        nets.held_out(random.randrange(10_000)), direction
    )  # torch's own generator belongs to whoever trains


def choice_of(scan: Scan, direction: str) -> Choice:
    """A scan with what the picker shows of it in this direction."""
    return Choice(shown(nets.address(scan, DIRECTIONS[direction]), scan.key), scan)


def first_scan(scan: Scan | None, direction: str) -> Choice:
    """The examples, when the tab is opened, and one of them where this visitor has no scan yet."""
    first = nets.example(FIRST) if scan is None else gr.skip()
    return Choice(gr.HTML(examples=examples(DIRECTIONS[direction])), first)


def translate_scan(
    scan: Scan | None, direction: str, loss: str, stops: float | None, noise: float | None, own: Own
) -> Answer:
    """Translate the scan, exposed `2 ** stops` times as bright and with `noise` per cent of noise.

    Gives pictures, a verdict and figures, and what was made, for the explanations.
    """
    if scan is None:
        raise ValueError(NO_SCAN)
    known = DIRECTIONS[direction]
    try:
        net = active(known.recipe(loss), own)
    except (CheckpointMissing, CheckpointDamaged) as error:
        return Answer(figures.missing_text(sentence(error)), None)
    made = nets.translate(known, net, scan, stops=stops or 0, noise_percent=noise or 0)
    return Answer(figures.answer_text(made), made)


def switch_direction(direction: str, scan: Scan | None) -> Facing:
    """The controls for the other direction: its nets, its examples, and the same scan the other way round."""
    known = DIRECTIONS[direction]
    if scan is not None and scan.origin == "uploaded" and known.target not in scan.truth:
        scan = nets.without_truth(scan)
    value = choice_of(scan, direction).picker if scan else None
    turned = gr.HTML(value=value, examples=examples(known))
    return Facing(turned, gr.Radio(choices=list(known.recipes), value=known.lead), scan)


def on_open(direction: str, loss: str) -> Quality:
    """What waits for the tab to be opened: all nets side by side, and the card of the one in use."""
    known = nets.cards()
    told = [*dict.fromkeys(map(sentence, known.missing))]
    side_by_side = join([figures.nets_table(known, told), figures.strangers_table(nets.benchmark())])
    return Quality(side_by_side, card_text(recipe_of(direction, loss), LIMITS))


def recipe_of(direction: str, loss: str) -> Recipe[Any]:
    """What answers, and what the panel trains."""
    return DIRECTIONS[direction].recipe(loss)


# The page


def build(tab: gr.Tab) -> None:
    own, scan, made = (gr.State(None, time_to_live=3600) for _ in range(3))
    chooser, brought = choose_scan()
    answer = Answer(place(live=True), made)
    show_outlines()
    changing = change_scan()
    direction, loss, stops, noise = changing.direction, changing.loss, changing.stops, changing.noise
    reasons = show_reasons()
    single_batch_section(direction)
    section("How good is it", figures.WARNING)
    with folded("All nets on the test slices, the warning’s own figures, and the net’s card"):
        quality = Quality(place(), place())
    uses = train_it(
        "The net chosen above again from its first weights, in your own session. Nothing is written to disk.",
        recipe_of(THERE.name, THERE.lead), use=partial(Net.from_run, evidence={}), state=own, seconds=60, choose=recipe_of,
        inputs=[direction, loss],
    )  # fmt: skip

    choice = [chooser, scan]
    translating = Wire(translate_scan, [scan, direction, loss, stops, noise, own], list(answer))
    explaining = Wire(explain, made, list(reasons))
    measuring = Wire(on_open, [direction, loss], list(quality))

    translating.on(stops.input, noise.input, loss.input, api="translate_scan").then(explaining)
    Wire(select_scan, chooser, scan).on(chooser.input).then(translating, explaining)
    reading = Wire(read_upload, [brought.file, direction], choice).on(brought.file.upload, api="upload_scan")
    reading.then(translating, explaining)
    matching = Wire(read_truth, [changing.truth, scan, direction], scan).on(changing.truth.upload, api="upload_truth")
    matching.then(translating, explaining)
    drawing = Wire(random_test_slice, direction, choice).on(brought.sample.click, api="test_slice")
    drawing.then(translating, explaining)
    turning = Wire(switch_direction, [direction, scan], list(Facing(chooser, loss, scan))).on(direction.input)
    turning.then(translating, explaining, measuring)
    Wire(first_scan, [scan, direction], choice).on(tab.select).then(translating, explaining)
    measuring.on(loss.input)
    measuring.on(tab.select)
    measuring.on(uses.change).then(translating, explaining)


def thumbnail() -> Markup:
    """For the home page: one slice as the two kinds of scan."""
    return figures.thumbnail_text([image.to_data_url(picture) for picture in nets.card_pictures()])
