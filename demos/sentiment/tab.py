"""Sentiment: a sentence read word by word by four recurrent nets, as four lines; swap a word, and they bend."""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire, sentence
from demos._ui.html import Text as Words
from demos._ui.html import note
from demos._ui.page import how_good, section
from demos._ui.training import training_panel
from demos.sentiment import figures, lessons, nets, score
from demos.sentiment.layout import show_desk, show_failures, show_memory, show_why, show_words
from demos.sentiment.nets import OURS, RECIPES, Own, Reading
from demos.sentiment.texts import FIRST, example
from models import CheckpointDamaged, CheckpointMissing

LIMITS = (
    "It knows reviews of films in English, from one site until 2011, and reads no more than 400 words of each. Irony escapes it, "
    "and so does most of what “not” turns round. It learnt from what people wrote, prejudices included: never use it to judge "
    "anybody."
)
TRAINING = (
    "From random weights, on a tenth of IMDB’s reviews where this server has them, else on 3,000 reviews that a grammar of ours "
    "puts together: after half a minute it has nine in ten of those right, and seven in ten real ones."
)


class Page(NamedTuple):
    """What another text changes: once of components, once of what fills them. Only an example fills the writer."""

    reading: Any = gr.skip()
    score: Any = gr.skip()
    answer: Any = gr.skip()
    writer: Any = gr.skip()


class Reasoned(NamedTuple):
    """What one net answers for."""

    shaded: Any
    verdict: Any
    walk: Any


class Near(NamedTuple):
    """A word among others."""

    map: Any
    near: Any


class Failed(NamedTuple):
    """Sentences on which they fail."""

    trials: Any
    others: Any
    names: Any
    cases: Any


# Handlers


def read_text(raw: Any, own: Own) -> Iterator[Page]:
    """A text as each of four nets takes it: the probability of praise after each of its words, and at the end.

    A long one comes in parts: what reads from both ends has to begin anew at each word.
    """
    if not isinstance(raw, str):
        raise ValueError("There is no text here. Write a sentence, or choose an example.")
    for found in nets.reading(nets.read(raw), own):
        yield Page(found, score.of_reading(found), figures.answer_text(found))


def read_example(name: str, own: Own) -> Iterator[Page]:
    """One of the texts on the page."""
    raw = example(name)
    pages = read_text(raw, own)
    yield next(pages)._replace(writer=raw)
    yield from pages  # which leave alone what is written meanwhile


def on_open(name: str, own: Own, read: Reading | None) -> Iterator[Page]:
    """The chosen example when the tab is opened; where something is read already, it stays."""
    if read is not None:
        yield Page()
        return
    yield from read_example(name or FIRST, own)


def read_again(raw: Any, own: Own) -> Iterator[Page]:
    """The same text by the visitor's own net too, or by the shipped ones again."""
    yield from read_text(raw if isinstance(raw, str) else example(FIRST), own)


def offer(asked: Any, read: Reading | None, name: str, own: Own) -> Any:
    """What else could stand in place of a word, or what a “not” before each would change: `{"key", "at"}` or `{"key", "not"}`.

    A question about a text that is no longer on the page is left out.
    """
    if read is None or not isinstance(asked, dict) or asked.get("key", read.text.key) != read.text.key:
        return gr.skip()
    net, text = nets.chosen(name, own), read.text
    if asked.get("not"):
        return score.of_nots(text.key, nets.with_not(net, text))
    at = asked.get("at")
    if not isinstance(at, int):
        raise ValueError("The page has asked for no word. Click on one.")
    return score.of_choices(text.key, at, name, nets.choices(net, text, at))


def explain(read: Reading | None, name: str, own: Own) -> Reasoned:
    """What each word adds to one net's answer, whether that holds, and its state's walk through a plane."""
    nothing = score.of_walk(read, name, nets.Walk([], [], 0.0, 1.0)) if read else gr.skip()
    if read is None or not read.text.pieces:
        return Reasoned(note("There is no word to explain. Write a sentence first."), "", nothing)
    try:
        net = nets.chosen(name, own)
    except (CheckpointMissing, CheckpointDamaged) as error:  # the others are here: what follows is of them
        return Reasoned(note(sentence(error)), "", nothing)
    found = nets.reasons(net, read.text)
    walked = score.of_walk(read, name, nets.walk(net, read.text))
    return Reasoned(figures.shaded_text(read.text, found, name), figures.reasons_verdict(found), walked)


def remember(read: Reading | None, own: Own) -> Any:
    """What the nets make of the last words alone, and how much each word moves their answer."""
    if read is None:
        raise ValueError("There is no text here. Write a sentence, or choose an example.")
    return score.of_memory(read, lessons.memory(read.text, own))


def show_word(word: str) -> Near:
    """A word on the map, and the eight that are used most like it."""
    found = lessons.near(str(word or ""))
    return Near(figures.map_chart(lessons.map_of_words(), found), figures.neighbours_bars(found))


def show_failed(own: Own) -> Failed:
    """Sentences of ours on which nets fail, by kind."""
    trials = lessons.trials(own)
    return Failed(
        figures.trials_table(trials),
        figures.trials_table(trials, more=True),
        figures.names_table(lessons.by_name(own)),
        figures.cases_table(lessons.failed_cases(own)),
    )


# The page


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    desk, why, words, memory, fails = show_desk(), show_why(), show_words(), show_memory(), show_failures()
    whole = [partial(measured, key) for key in ("readers", "lengths", "behaviour", "costs")]
    how_good(OURS, LIMITS, *whole, beside=beside_counted_words())
    uses = show_training(own)

    page = list(Page(reading, desk.score, desk.answer, desk.writer))
    asks = Wire(explain, [reading, why.net, own], list(Reasoned(why.shaded, why.verdict, why.walk)))
    after = (asks, Wire(remember, [reading, own], memory))
    failing = Wire(show_failed, own, list(Failed(*fails)))
    pin = Wire(show_word, words.word, list(Near(words.map, words.near)))

    Wire(read_text, [desk.writer, own], page).on(desk.writer.input, api="read_text").then(*after)
    Wire(None, None, desk.examples, script="() => null").on(desk.writer.input)
    Wire(read_example, [desk.examples, own], page).on(desk.examples.input, api="read_example").then(*after)
    Wire(on_open, [desk.examples, own, reading], page).on(tab.select).then(*after, failing)
    Wire(read_again, [desk.writer, own], page).on(uses.change).then(*after, failing)
    Wire(offer, [desk.score, reading, why.net, own], desk.offers).on(desk.score.input, api="other_words", listed=False)
    asks.on(why.net.input, api="explain_text")
    pin.on(words.word.submit, words.fold.expand, api="near_words")
    Wire(str, words.examples, words.word, "at once").on(words.examples.input).then(pin)


def show_training(own: gr.State) -> gr.State:
    """Any of the four, trained again; gives the state that counts uses."""
    section("Train it yourself", TRAINING)
    cell = gr.Radio(list(RECIPES), value=nets.LSTM, label="The net that is trained", elem_classes=["wl-pick"])
    return training_panel(RECIPES[nets.LSTM], use=nets.own_net, state=own, seconds=40, choose=nets.live, inputs=[cell])


def beside_counted_words() -> Words:
    """By length, beside those that count words, also where these win; nothing where it has not been measured."""
    found = lessons.best_by_length()
    return figures.measured_table(found, lessons.displayed) if found else ""


def measured(key: str) -> Words:
    """A table of the benchmark, or the command that measures it."""
    found = lessons.measured().get(key)
    if not found:
        return note("Not measured yet on this machine: python -m benchmarks.sentiment")
    return figures.measured_table(found, lessons.displayed)


def thumbnail() -> Markup:
    """For the home page: the first example, as the nets read it."""
    try:
        *_, last = nets.reading(nets.read(example(FIRST)), None)
    except (CheckpointMissing, CheckpointDamaged):
        return note("Words, and over them a line.")
    return score.thumbnail_text(last.praise)
