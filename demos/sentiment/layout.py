"""The parts of the sentiment page: the text and its score, why, how far back, words as points, failures."""

from typing import NamedTuple

import gradio as gr

from demos._ui.page import columns, controls, examples, place, section
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
    """A word, and where it lies."""

    word: gr.Textbox
    examples: gr.Radio
    map: gr.HTML
    near: gr.HTML


class Failures(NamedTuple):
    """Sentences of ours on which nets fail."""

    trials: gr.HTML
    names: gr.HTML
    cases: gr.HTML


def show_desk() -> Desk:
    """The text on top, its score beneath."""
    offered = examples(list(EXAMPLES), first=FIRST)
    writer = score.writer()
    words = score.score()
    answer = place(live=True, elem_classes=["wl-sentiment-says"])
    return Desk(offered, writer, words, score.offers(), answer)


def show_why() -> Why:
    """One net's reasons, and the way that its state takes."""
    section("Why", "One net at a time: what each word adds, and how the state that it keeps moves as it reads.")
    net = gr.Radio(list(RECIPES), value=LSTM, label="Asked, here and when words are swapped", elem_classes=["wl-pick"])
    with columns("wl-sentiment-why"):
        with gr.Column(min_width=300):
            shaded = place(live=True)
            verdict = place(live=True)
        with gr.Column(min_width=300):
            walk = score.walk()
    return Why(net, shaded, verdict, walk)


def show_memory() -> gr.HTML:
    """The slider over the last k words."""
    section(
        "How far back does it remember?",
        "Let the nets read the last words only. Dashed: nets whose last state alone answers, as they were first built; "
        "the plain one’s memory is a steep line. The others look back at every state that they were in.",
    )
    return score.memory()


def show_words() -> Words:
    """The map."""
    section(
        "Words as points",
        "All nets begin from the same vectors: Word2Vec, learnt from training reviews alone by guessing a word’s neighbours.",
    )
    with columns("wl-sentiment-vectors"):
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
    return Words(word, offered, drawn, near)


def show_failures() -> Failures:
    """Where they fail."""
    section(
        "Where they fail",
        "Negation, irony, a name that should not matter, a word with the wrong friends, and what is cut away.",
    )
    trials = place()
    with columns("wl-sentiment-fails"):
        with gr.Column(min_width=300):
            names = place()
        with gr.Column(min_width=300):
            cases = place()
    return Failures(trials, names, cases)
