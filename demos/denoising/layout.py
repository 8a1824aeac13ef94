"""Where everything stands on the Denoising tab, section by section; what happens there is wired in `tab.py`.

What a handler fills is a NamedTuple: once of the components that stand here, once of the values that fill them.
"""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.html import note
from demos._ui.page import columns, controls, place, section
from demos._ui.sound import recorder
from demos.denoising import live, mixing, nets, players
from demos.denoising.mixing import Example

NOTHING = note("Choose an example, or mix your own. The figures come here.")
CHOOSE = note("Choose an example first.")
FILES = note(
    f"WAV, FLAC, OGG, MP3 or AIFF, any rate, depth and number of channels; at most {nets.MAX_SECONDS / 60:.0f} minutes and "
    "20 MB. It is deleted from the server within three hours."
)
LINE = "wl-denoising-line"


class Answer(NamedTuple):
    """What shows a denoised sound."""

    sound: Any = gr.skip()
    result: Any = gr.skip()
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
    """Who answers: a method, its weights, and what can be heard of a training, in words."""

    method: Any
    weights: Any
    difference: Any


class Triggers(NamedTuple):
    """What brings a sound: the desk and its examples, a file or a recording, and the microphone, live."""

    desk: Desk
    examples: list[tuple[gr.Button, Example]]
    path: gr.Audio
    microphone: gr.HTML


def choose_sound() -> Triggers:
    """The mixing desk, a file, or the microphone."""
    with gr.Tabs():
        with gr.Tab("Mixing desk"):
            examples, desk = mixing_desk()
        with gr.Tab("File or microphone"):
            path = recorder(label="A recording", elem_classes="wl-denoising-recorder")
            place(FILES)
        with gr.Tab("Live"):
            microphone = place(html_template=live.TEMPLATE, js_on_load=live.SCRIPT, label="Live microphone", heard=None)
    return Triggers(desk, examples, path, microphone)


def mixing_desk() -> tuple[list[tuple[gr.Button, Example]], Desk]:
    """Examples of one click, and the desk on which they are mixed."""
    examples = mixing.examples()
    first = examples[0]
    with controls("wl-examples"):
        buttons = [gr.Button(example.name, size="sm", min_width=120) for example in examples]
    with controls():
        speech = gr.Dropdown(list(mixing.speeches()), value=first.speech, label="Speech", min_width=220)
        noise = gr.Dropdown(list(mixing.noises()), value=first.noise, label="Noise", min_width=220)
        snr_db = gr.Slider(
            mixing.LOWEST_DB, mixing.HIGHEST_DB, value=first.snr_db, step=1, label="Speech over noise (SNR), dB",
            min_width=260,
        )  # fmt: skip
    place(note(mixing.sources_in_words()), elem_classes=[LINE])
    return list(zip(buttons, examples, strict=True)), Desk(speech, noise, snr_db)


def choose_method() -> tuple[gr.Radio, gr.Radio, gr.HTML]:
    """What takes the noise out, with which weights, and how it works, in words."""
    with controls("wl-denoising-methods"):
        method = gr.Radio(list(nets.METHODS), value=nets.OURS, label="Taken out by", scale=5, min_width=320)
        weights = gr.Radio(
            list(nets.WEIGHTS), value=nets.SHIPPED, label="Weights", visible=False, scale=2, min_width=200
        )
    return method, weights, place(note(nets.in_words(nets.OURS)), elem_classes=[LINE])


def show_answer() -> tuple[gr.HTML, gr.HTML]:
    """The players, below the figures."""
    figures = place(NOTHING, live=True)
    return place(html_template=players.TEMPLATE, js_on_load=players.SCRIPT, label="Players"), figures


def show_comparison() -> tuple[gr.Button, gr.HTML]:
    """All methods on one sound, when asked."""
    section("All methods on this sound", "Every net and the classical methods, measured on what is in the players now.")
    with controls():
        compare_all = gr.Button("Compare all", min_width=160, scale=0)
    return compare_all, place()


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
            kept = place(CHOOSE)
        with gr.Column(scale=1, min_width=300):
            reach = place(CHOOSE)
            with controls():
                moment = gr.Slider(0, 10, value=0, step=0.01, label="Moment of the answer, seconds", min_width=220)
                here = gr.Button("At the playhead", size="sm", min_width=120, scale=0)
    return Reasons(kept, reach, moment, here)
