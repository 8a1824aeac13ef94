"""Where everything stands on the Denoising tab, section by section; what happens there is wired in `tab.py`.

What a handler fills is a NamedTuple: once of the components that stand here, once of the values that fill them.
"""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.html import note
from demos._ui.page import columns, controls, examples, folded, place, section
from demos._ui.sound import recorder
from demos.denoising import live, mixing, nets, players

WITHIN = (
    "(sound, speech, noise, ratio, ...chosen) => "
    f"[sound, speech, noise, Math.min({mixing.HIGHEST_DB}, Math.max({mixing.LOWEST_DB}, ratio ?? 0)), ...chosen]"
)
"""Brings a typed ratio within its bounds: the number's box sends it before it corrects it."""

FILES = note(
    f"WAV, FLAC, OGG, MP3 or AIFF, any rate, depth and number of channels; at most {nets.MAX_SECONDS / 60:.0f} minutes and "
    "20 MB. It is deleted soon: see “Privacy” at the end of the page."
)
LINE = "wl-denoising-line"


class Answer(NamedTuple):
    """What shows a denoised sound."""

    sound: Any = gr.skip()
    result: Any = gr.skip()
    verdict: Any = gr.skip()
    players: Any = gr.skip()
    figures: Any = gr.skip()
    moment: Any = gr.skip()
    kept: Any = gr.skip()


class Desk(NamedTuple):
    """What is mixed: speech and noise by their labels, and their ratio in dB."""

    speech: Any
    noise: Any
    snr_db: Any


class Live(NamedTuple):
    """A visit at the live desk: what it has to remember, what it came to in the end, and the desk itself."""

    listening: Any
    result: Any
    microphone: Any


class Chosen(NamedTuple):
    """Who answers: a method, and its weights."""

    method: Any
    weights: Any


class Triggers(NamedTuple):
    """What brings a sound: examples, a file or a recording, and the microphone, live."""

    example: gr.Radio
    path: gr.Audio
    microphone: gr.HTML


def choose_sound() -> Triggers:
    """An example, a file, or the microphone."""
    with gr.Tabs():
        with gr.Tab("Examples"):
            example = examples(list(mixing.EXAMPLES), first=mixing.FIRST)
        with gr.Tab("Your recording"):
            path = recorder(label="A recording", elem_classes="wl-denoising-recorder")
            place(FILES)
        with gr.Tab("Live"):
            microphone = place(html_template=live.TEMPLATE, js_on_load=live.SCRIPT, label="Live microphone", heard=None)
    return Triggers(example, path, microphone)


def show_answer() -> tuple[gr.Radio, gr.HTML, gr.HTML, gr.HTML]:
    """Whose weights answer, where there is a choice; the verdict, the players, and the figures below them."""
    weights = gr.Radio(list(nets.WEIGHTS), value=nets.SHIPPED, label="Whose net answers", visible=False)
    verdict = place(live=True)
    instrument = place(html_template=players.TEMPLATE, js_on_load=players.SCRIPT, label="Players")
    return weights, verdict, instrument, place()


def mixing_desk() -> Desk:
    """A voice and a noise of one's own choice, at any ratio."""
    first = mixing.EXAMPLES[mixing.FIRST]
    with folded("Mix your own: another voice, another noise, and how loud"):
        with controls():
            speech = gr.Dropdown(list(mixing.speeches()), value=first.speech, label="Voice", min_width=220)
            noise = gr.Dropdown(list(mixing.noises()), value=first.noise, label="Noise", min_width=220)
            snr_db = gr.Slider(
                mixing.LOWEST_DB, mixing.HIGHEST_DB, value=first.snr_db, step=1, buttons=[],
                label="How much louder the voice is than the noise (SNR), dB", min_width=260,
            )  # fmt: skip
        place(note(mixing.SOURCES), elem_classes=[LINE])
    return Desk(speech, noise, snr_db)


class Others(NamedTuple):
    """Another method, how it works in words, and all of them on one sound."""

    method: gr.Radio
    words: gr.HTML
    compare: gr.Button
    comparison: gr.HTML


def choose_method() -> Others:
    """What else could take the noise out."""
    with folded("Other methods, and all of them compared on this sound"):
        method = gr.Radio(list(nets.METHODS), value=nets.OURS, label="Taken out by", min_width=320)
        words = place(note(nets.in_words(nets.OURS)), elem_classes=[LINE])
        with controls():
            compare = gr.Button("Compare all", min_width=160, scale=0)
        return Others(method, words, compare, place())


class Reasons(NamedTuple):
    """What is kept by frequency, what one moment goes back to, and which moment."""

    kept: gr.HTML
    reach: gr.HTML
    moment: gr.Slider
    here: gr.Button


def show_reasons() -> Reasons:
    """Why it answers so."""
    section(
        "Why",
        "How much of the energy is kept at each frequency; and, for one moment of the answer, the input that its loudness "
        "goes back to, by integrated gradients: how far back the net listens.",
    )
    with columns():
        with gr.Column(scale=1, min_width=300):
            kept = place()
        with gr.Column(scale=1, min_width=300):
            reach = place()
            with controls():
                moment = gr.Slider(0, 10, value=0, step=0.01, label="Moment of the answer, seconds", min_width=220)
                here = gr.Button("At the playhead", size="sm", min_width=120, scale=0)
    return Reasons(kept, reach, moment, here)
