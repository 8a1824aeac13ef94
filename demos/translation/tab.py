"""Scan translation: one contrast of a brain scan from the other, how far off it is, where it is unsure, and what it hides."""

import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.card import card_text
from demos._ui.events import Wire
from demos._ui.html import EMPTY, note
from demos._ui.nets import Net, active
from demos._ui.page import columns, controls, place, section, train_it
from demos._ui.widgets.picker import picked, picker, shown
from demos.translation import figures, nets
from demos.translation.nets import DIRECTIONS, LONGEST, LOSSES, SQUARED, THERE, Direction, Scan
from demos.translation.reasons import explain, show_reasons
from demos.translation.single_batch import single_batch_section
from models import CheckpointDamaged, CheckpointMissing
from signals import image
from training import DataDamaged, DataMissing, Recipe

LIMITS = (
    "Single slices of 128 × 128 of adults with lower-grade gliomas; another sequence, age or disease will do worse. Weights "
    "carry the data's licence (CC BY-NC-SA 4.0): not for commercial use, and never for a patient."
)
EXPOSING = (
    "A plain gain alone changes nothing: the net stretches every slice between its own 1st and 99th percentile first. What "
    "is lost is what clips at white, or falls between 8-bit greys."
)
SOURCES = (
    f"Examples: drawn, not scanned, by a function of this project. An upload is read as grey, at {LONGEST} pixels of its "
    "longer side at most."
)
TUMOUR, HEAD = OUTLINED = ("Tumour (lesion)", "Head, dotted")
OUTLINES = Path(__file__).with_name("outlines.js").read_text(encoding="utf-8")
Own = Net[Any] | None


class Choice(NamedTuple):
    """A scan and what the picker shows of it: once of components, once of what fills them."""

    picker: Any = gr.skip()
    scan: Any = gr.skip()


class Answer(NamedTuple):
    """What a net made of a scan: in figures, in pictures, and for the explanations."""

    figures: Any
    pictures: Any
    made: Any


class Facing(NamedTuple):
    """The controls as one direction needs them."""

    picker: Any
    loss: Any
    scan: Any


class Quality(NamedTuple):
    """All nets side by side, and the card of the one in use."""

    nets: Any
    card: Any


# Handlers


def select_scan(value: Any, direction: str) -> Choice:
    """What is picked: a drawn head or a test slice by its key, or a picture whose truth nobody knows."""
    found = picked(value)
    if found is None:
        return Choice(scan=None)
    return Choice(scan=nets.known(found.key) or nets.from_picture(image.from_data_url(found.src)))


def read_upload(path: str, direction: str) -> Choice:
    """A visitor's picture file, PNG or JPEG, of any size, grey or colour."""
    return choice_of(nets.read_scan(path), direction)


def read_truth(path: str, scan: Scan | None, direction: str) -> Scan:
    """The other contrast of the scan that was uploaded before."""
    if scan is None:
        raise ValueError("Upload the scan first, then its other contrast as the truth.")
    return nets.with_truth(scan, nets.read_scan(path), DIRECTIONS[direction])


def random_test_slice(direction: str) -> Iterator[tuple[Any, Any, Any]]:
    """A random slice of the test split, and the place of the figures; DataMissing where the test split is not here."""
    yield *Choice(), note("Reading the test slices: the first time takes a while …")
    try:
        scan = nets.held_out(random.randrange(10_000))  # torch's own generator belongs to whoever trains
    except (DataMissing, DataDamaged):
        yield *Choice(), figures.ABSENT
        raise
    yield *choice_of(scan, direction), gr.skip()


def choice_of(scan: Scan, direction: str) -> Choice:
    """A scan with what the picker shows of it in this direction."""
    return Choice(shown(nets.address(scan, DIRECTIONS[direction]), scan.key), scan)


def translate_scan(
    scan: Scan | None, direction: str, loss: str, stops: float | None, noise: float | None, own: Own
) -> Answer:
    """Translate the scan, exposed `2 ** stops` times as bright and with `noise` per cent of noise.

    Gives the figures, the pictures, and what was made, for the explanations.
    """
    if scan is None:
        return Answer(figures.ABSENT, EMPTY, None)
    known = DIRECTIONS[direction]
    try:
        net = active(known.recipe(loss), own)
    except (CheckpointMissing, CheckpointDamaged) as error:
        return Answer(figures.missing_text(str(error)), EMPTY, None)
    began = time.perf_counter()
    made = nets.translate(known, net, scan, stops=stops or 0, noise_percent=noise or 0)
    milliseconds = 1000 * (time.perf_counter() - began) / (1 if made.clean_HW is None else 2)
    return Answer(figures.answer_text(made, milliseconds), figures.scans_text(made), made)


def switch_direction(direction: str, scan: Scan | None) -> Facing:
    """The controls for the other direction: its nets, its examples, and the same scan the other way round."""
    known = DIRECTIONS[direction]
    if scan is not None and scan.origin == "uploaded" and known.target not in scan.truth:
        scan = nets.without_truth(scan)
    value = choice_of(scan, direction).picker if scan else None
    turned = gr.HTML(value=value, hint=hint(known), examples=examples(known))
    return Facing(turned, gr.Radio(choices=list(known.recipes), value=SQUARED), scan)


def on_open(direction: str, loss: str) -> Quality:
    """What waits for the tab to be opened: all nets side by side, and the card of the one in use."""
    return Quality(figures.nets_table(nets.cards()), card_text(recipe_of(direction, loss), LIMITS))


def recipe_of(direction: str, loss: str) -> Recipe[Any]:
    """What answers, and what the panel trains."""
    return DIRECTIONS[direction].recipe(loss)


# The page


def build(tab: gr.Tab) -> None:
    own, made = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    with controls():
        direction = gr.Radio(list(DIRECTIONS), value=THERE.name, label="Direction", scale=1, min_width=300)
        loss = gr.Radio(list(LOSSES), value=SQUARED, label="Net that learnt by", scale=1, min_width=300)
    choice, brought, figures_place = choose_scan()
    stops, noise = change_exposure()
    answer = Answer(figures_place, place(live=True), made)
    reasons = show_reasons()
    single_batch_section(direction)
    section("How good is it", figures.WARNING)
    quality = Quality(place(), place())
    uses = train_it(
        "The net chosen at the top again from its first weights, in your own session. Nothing is written to disk.",
        recipe_of(THERE.name, SQUARED), use=partial(Net.from_run, evidence={}), state=own, seconds=60, choose=recipe_of,
        inputs=[direction, loss],
    )  # fmt: skip

    picker_place, scan = choice
    translating = Wire(translate_scan, [scan, direction, loss, stops, noise, own], list(answer))
    explaining = Wire(explain, made, list(reasons))
    measuring = Wire(on_open, [direction, loss], list(quality))
    facing = Facing(picker_place, loss, scan)

    changed = (stops.input, stops.release, noise.input, noise.release, loss.input)  # `input` is what the keyboard does
    translating.on(*changed, api="translate_scan").then(explaining)
    Wire(select_scan, [picker_place, direction], list(choice)).on(picker_place.input).then(translating, explaining)
    reading = Wire(read_upload, [brought.file, direction], list(choice)).on(brought.file.upload, api="upload_scan")
    reading.then(translating, explaining)
    matching = Wire(read_truth, [brought.truth, scan, direction], scan).on(brought.truth.upload, api="upload_truth")
    matching.then(translating, explaining)
    drawing = Wire(random_test_slice, direction, [*choice, answer.figures]).on(brought.sample.click, api="test_slice")
    drawing.then(translating, explaining)
    turning = Wire(switch_direction, [direction, scan], list(facing)).on(direction.input)
    turning.then(translating, explaining, measuring)
    measuring.on(loss.input)
    measuring.on(tab.select)
    measuring.on(uses.change).then(translating, explaining)


class Brought(NamedTuple):
    """What brings a scan of one's own, its truth, or a test slice."""

    file: gr.UploadButton
    truth: gr.UploadButton
    sample: gr.Button


def choose_scan() -> tuple[Choice, Brought, gr.HTML]:
    """The picker with its examples and uploads, and beside it the place of the figures."""
    with columns():
        with gr.Column(scale=4, min_width=300):
            scans = picker(
                label="The scan", hint=hint(THERE), examples=examples(THERE), elem_classes="wl-translation-scan"
            )  # fmt: skip
            with controls():
                brought = Brought(
                    gr.UploadButton("Upload a scan", size="sm", file_types=["image"], min_width=110),
                    gr.UploadButton("Upload its truth", size="sm", file_types=["image"], min_width=110),
                    gr.Button("A test slice", size="sm", min_width=100),
                )
            place(note(SOURCES))
        with gr.Column(scale=5, min_width=300):
            figures_place = place(figures.ABSENT, live=True)
    return Choice(scans, gr.State(None, time_to_live=3600)), brought, figures_place


def change_exposure() -> tuple[gr.Slider, gr.Slider]:
    """Brightness and noise, and the outlines, which the page shows and hides by itself."""
    with controls():
        stops = gr.Slider(-4, 3, value=0, step=0.5, label="Brightness, stops (each doubles it)", min_width=220)
        noise = gr.Slider(0, 20, value=0, step=1, label="Noise, % of full scale", min_width=220)
        rims = gr.CheckboxGroup(list(OUTLINED), value=[TUMOUR], label="Outlines", min_width=220)
    place(note(EXPOSING))
    Wire(None, rims, script=OUTLINES).on(rims.input)
    return stops, noise


def hint(direction: Direction) -> str:
    """What to do, and what this direction's nets expect."""
    return f"Choose an example below, upload a scan, or take a test slice. This net expects a {direction.words[0]} slice across the head."


def examples(direction: Direction) -> list[dict[str, str]]:
    """The drawn heads for the picker, each by its key."""
    return [{"key": key, "name": f"{key}, drawn", "src": src} for key, src in nets.examples(direction).items()]


def thumbnail() -> Markup:
    """For the home page: drawn heads in both contrasts."""
    keys = list(nets.EXAMPLES)[1:3]
    return figures.thumbnail_text([nets.examples(d)[key] for key in keys for d in DIRECTIONS.values()])
