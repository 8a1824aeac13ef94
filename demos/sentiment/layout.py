"""The parts of the sentiment page: the text and its score, why, how far back, words as points, failures."""

from typing import NamedTuple

import gradio as gr

from demos._ui.page import columns, controls, examples, folded, place, section
from demos.sentiment import score
from demos.sentiment.nets import LSTM, RECIPES
from demos.sentiment.texts import EXAMPLES, FIRST

WORDS = ("wonderful", "boring", "not", "problems", "ending")
"""To begin with on the map."""


class Desk(NamedTuple):
    """The text, its words with their lines, and what is said of them."""

    examples: gr.Radio
    writer: gr.HTML
    score: gr.HTML
    offers: gr.HTML
    answer: gr.HTML


class Why(NamedTuple):
    """Which net is asked, and its reasons."""

    net: gr.Radio
    shaded: gr.HTML
    verdict: gr.HTML
    walk: gr.HTML


class Words(NamedTuple):
    """A word, and where it lies: in a fold."""

    fold: gr.Accordion
    word: gr.Textbox
    examples: gr.Radio
    map: gr.HTML
    near: gr.HTML


class Failures(NamedTuple):
    """Sentences of ours on which nets fail."""

    trials: gr.HTML
    others: gr.HTML
    names: gr.HTML
    cases: gr.HTML


def show_desk() -> Desk:
    """The text on top, what is said of it, and its score beneath."""
    offered = examples(list(EXAMPLES), first=FIRST)
    writer = score.writer()
    answer = place(live=True, elem_classes=["wl-sentiment-says"])
    return Desk(offered, writer, score.score(), score.offers(), answer)


def show_why() -> Why:
    """One net's reasons, and the way that its state takes."""
    section("Why", "One net at a time: what each word adds, and how the state that it keeps moves as it reads.")
    with columns("wl-sentiment-why"):
        with gr.Column(min_width=300):
            net = gr.Radio(
                list(RECIPES), value=LSTM, label="The net, here and in a word’s menu", elem_classes=["wl-pick"]
            )
            shaded = place(live=True)
            verdict = place(live=True)
        with gr.Column(min_width=300):
            walk = score.walk()
    return Why(net, shaded, verdict, walk)


def show_memory() -> gr.HTML:
    """The slider over the last k words."""
    section(
        "How far back does it remember?",
        "Let the nets read the last words only. Those of the “last state” answer from it alone, as they were first built: the "
        "plain one’s memory is a steep line. The others look back at all their states.",
    )
    return score.memory()


def show_words() -> Words:
    """The map, which is drawn when its fold is opened."""
    with folded("Words as points: what the nets begin from") as fold, columns("wl-sentiment-vectors"):
        with gr.Column(scale=2, min_width=280):
            with controls():
                word = gr.Textbox(WORDS[0], label="A word", max_lines=1, max_length=40, min_width=160)
            offered = gr.Radio(
                list(WORDS), value=WORDS[0], label="Words to begin with", show_label=False, container=False,
                elem_classes=["wl-examples", "wl-pick"],
            )  # fmt: skip
            near = place(live=True)
        with gr.Column(scale=3, min_width=300):
            drawn = place()
    return Words(fold, word, offered, drawn, near)


def show_failures() -> Failures:
    """Where they fail."""
    section(
        "Where they fail",
        "Sentences of ours, by what is hard in them: the probability of praise, and ✗ where it is on the wrong side.",
    )
    trials = place()
    with folded("More: twenty names, two hundred sentences"):
        others = place()
        with columns():
            with gr.Column(min_width=300):
                names = place()
            with gr.Column(min_width=300):
                cases = place()
    return Failures(trials, others, names, cases)
