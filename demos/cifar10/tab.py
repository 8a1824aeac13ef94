"""CIFAR-10: one picture, two answers, from a net that knows what a neighbour is and from one that does not."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui import small_pictures as pictures
from demos._ui.demo import training_mode
from demos._ui.events import USER_ERRORS, Wire, sentence
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net
from demos._ui.page import how_good, section
from demos._ui.small_pictures import FIRST, Picture
from demos._ui.training import LONGEST, OFF, Job, running, training_panel
from demos._ui.widgets.picker import picked, shown
from demos.cifar10 import figures, inside, measured, nets, nudge, racing, scramble
from demos.cifar10.layout import (
    Explained,
    Inside,
    Race,
    Triggers,
    choose_picture,
    show_answers,
    show_inside,
    show_race,
    show_scramble,
    show_weights,
)
from demos.cifar10.nets import CNN, KINDS, PAIR, Answer
from demos.cifar10.race import live, race
from training import Recipe

LIMITS = (
    "Ten kinds of thing in 32 × 32 pixels, and no answer for anything else: of pictures of something else about half get a warning. "
    "Every number is measured on a JPEG-compressed copy of CIFAR-10, a little harder than the original. The weights are for "
    "research only, as the data."
)
NO_PICTURE = "There is no picture yet: choose one above, or upload one."
FACES = ("a cat", "a ship, drawn", "a truck, drawn", "an airplane, drawn")
Own = Net[Any] | None


class Choice(NamedTuple):
    """A picture in the gallery, and as the nets see it: once of components, once of what fills them."""

    chosen: Any
    picture: Any


# Handlers


def choose_example(value: Any) -> Picture:
    """One of the pictures on the page, by its key such as “a cat”; a `data:` address is read as a picture."""
    found = picked(value)
    if found is None:
        raise ValueError(NO_PICTURE)
    return pictures.example(found.key) if found.key else pictures.handed_over(found.src)


def read_upload(path: str) -> Choice:
    """A visitor's picture file, cut to its middle square at 32 × 32."""
    return _brought(pictures.upload(path))


def random_test_picture() -> Choice:
    """A random test picture of CIFAR-10; ValueError where CIFAR-10 is not on this machine, since it may not be handed on."""
    return _brought(nets.random_test_picture())


def _brought(picture: Picture) -> Choice:
    return Choice(shown(picture.whole), picture)


def first_picture(picture: Picture | None) -> Choice:
    """The pictures to choose from, when the tab is opened, and the first of them where this visitor has none yet."""
    offered = pictures.offered()
    if picture is not None:
        return Choice(gr.HTML(examples=offered), gr.skip())
    return Choice(gr.HTML(value=shown(offered[0]["src"], FIRST), examples=offered), pictures.example(FIRST))


def classify(picture: Picture | None, own: Own) -> dict[str, Any]:
    """What both nets say of the picture, with the warning that stands before it where it is like nothing they know."""
    picture = _there(picture)
    found = {kind: a if isinstance(a, Answer) else sentence(a) for kind, a in nets.answers(picture, own).items()}
    about = {kind: _about(answer) for kind, answer in found.items() if isinstance(answer, Answer)}
    return nudge.of_answers(picture, found, about, figures.warning(picture, nets.strangeness(picture, own)))


def _about(answer: Answer) -> str:
    card = nets.card_of(answer.net.recipe)
    return figures.about_text(answer, card.metrics["accuracy"] if card else None, card.n if card else 0)


def classify_shifts(picture: Picture | None, own: Own) -> gr.HTML:
    """Both nets' answers to all 289 shifts of the picture, for the page to keep."""
    picture = _there(picture)
    found = {kind: a if isinstance(a, Answer) else "" for kind, a in nets.answers(picture, own).items()}
    tables = {kind: nets.shifted(kind, picture, own) for kind, answer in found.items() if answer}
    return gr.HTML(shifts=nudge.of_shifts(nudge.key_of(picture, found), tables))


def classify_scrambled(picture: Picture | None) -> dict[str, Any]:
    """What the twelve small nets say of the picture, each scrambled as it learnt."""
    picture = _there(picture)
    return scramble.of_picture(picture, nets.scrambled(picture))


def look_inside(picture: Picture | None, depth: float, own: Own) -> Inside:
    """One layer of the convolutional net on the picture: what its places see, and its strongest feature maps."""
    picture = _there(picture)
    try:
        look = inside.look(picture, depth, own)
    except nets.TROUBLE as error:
        return Inside(note(sentence(error)), EMPTY)
    return Inside(figures.field_text(picture, look), figures.maps_text(look))


def explain(picture: Picture | None, name: str, own: Own) -> Explained:
    """Where the convolutional net looked for one class, or for its answer, and whether that map holds."""
    picture = _there(picture)
    try:
        heat = inside.heat(picture, name, own)
    except nets.TROUBLE as error:
        return Explained(EMPTY, note(sentence(error)))
    return Explained(figures.heat_text(picture, heat), figures.heat_verdict(heat))


def show_own_weights(own: Own) -> Markup:
    """The first weights of the pair that answers."""
    missing = {}
    for kind in KINDS:
        try:
            nets.net_of(kind, own)
        except nets.TROUBLE as error:
            missing[kind] = sentence(error)
    return figures.first_weights_text(inside.first_weights(own), missing)


def show_accuracy() -> Markup:
    """How good the twelve small nets are, by block."""
    return measured.scramble_chart(nets.scrambled_cards())


def run_race(seconds: float) -> Iterator[Race]:
    """A perceptron and a convolutional net learn for the same seconds, from CIFAR-10 or from the groceries that ship."""
    mode = training_mode()
    if mode == "off":
        raise ValueError(OFF)
    yield Race(status=note("Reading the pictures …"))
    lap = None
    try:
        for lap in race(min(float(seconds), LONGEST[mode] / 2)):
            yield Race(status=racing.race_text(lap))
    except USER_ERRORS as error:  # told where the race would have been seen
        yield Race(*running(False), "", note(sentence(error)))
        return
    assert lap is not None
    yield Race(*running(False), racing.race_text(lap), racing.race_verdict(lap))


def race_stopped() -> Race:
    """After Stop."""
    return Race(*running(False), end=note("Stopped before its end: nothing is decided."))


def live_recipe(kind: str) -> Recipe[Any]:
    """What the panel trains."""
    return live(kind)


def measures() -> Markup:
    """Every net on test, and the classes one by one."""
    found = nets.scores()
    parts = [measured.scores_table(found, nets.untrained()), measured.classes_table(found)]
    parts.append(measured.strangers_table(nets.strangers()))
    return join([*parts, measured.confusions_text(nets.confusions())])


def _there(picture: Picture | None) -> Picture:
    if picture is None:
        raise ValueError(NO_PICTURE)
    return picture


# The page


def build(tab: gr.Tab) -> None:
    own, picture = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    chosen, triggers = choose_picture()
    pad = show_answers()
    mixer, accuracy = show_scramble()
    depth, looked, name, explained = show_inside()
    weights = show_weights()
    wire_race(*show_race())
    how_good(PAIR[CNN], LIMITS, measures, beside=note(measured.ON_A_COPY))
    uses = train_panel(own)

    looking = Wire(look_inside, [picture, depth, own], list(looked))
    explaining = Wire(explain, [picture, name, own], list(explained))
    answering = (
        Wire(classify, [picture, own], pad), Wire(classify_shifts, [picture, own], pad),
        Wire(classify_scrambled, picture, mixer), looking, explaining,
    )  # fmt: skip
    looking.on(depth.input, api="cifar10_look_inside")
    explaining.on(name.input, api="cifar10_explain")
    wire_pictures(Choice(chosen, picture), triggers, answering)
    opening = Wire(first_picture, picture, list(Choice(chosen, picture))).on(tab.select).then(*answering)
    opening.then(Wire(show_accuracy, None, accuracy), Wire(show_own_weights, own, weights))
    first, *rest = answering
    first.on(uses.change).then(*rest, Wire(show_own_weights, own, weights))


def wire_pictures(choice: Choice, triggers: Triggers, answering: tuple[Wire, ...]) -> None:
    """Each source of a picture, and what follows it."""
    examples = Wire(choose_example, choice.chosen, choice.picture)
    examples.on(choice.chosen.input, api="cifar10_example").then(*answering)
    Wire(read_upload, triggers.file, list(choice)).on(triggers.file.upload, api="cifar10_upload").then(*answering)
    sampling = Wire(random_test_picture, None, list(choice))
    sampling.on(triggers.sample.click, api="cifar10_test_picture").then(*answering)


def wire_race(seconds: gr.Slider, shown_in: Race) -> None:
    """Start and Stop."""
    working = Wire(run_race, seconds, list(shown_in), "training")
    Job(*shown_in).wire(working, Wire(race_stopped, None, list(shown_in)), api="cifar10_race")


def train_panel(own: gr.State) -> gr.State:
    """The live panel for either net."""
    section(
        "Train it yourself",
        "Either net from random weights, for you alone; then it answers above in the shipped one’s place. Without CIFAR-10 it "
        "learns groceries, and can name nothing else.",
    )
    kind = gr.Radio(list(KINDS), value=CNN, label="The net to train", elem_classes=["wl-pick"])
    return training_panel(PAIR[CNN], use=nets.own_net, state=own, choose=live_recipe, inputs=[kind])


def thumbnail() -> Markup:
    """For the home page: what a net sees of four pictures."""
    return figures.thumbnail_text([figures.pixels(pictures.example(key)) for key in FACES])
