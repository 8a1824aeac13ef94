"""Where everything stands on the Voices tab, section by section; what happens there is wired in `tab.py`.

What a handler fills is a NamedTuple: once of the components that stand here, once of the values that fill them.
"""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.page import columns, controls, examples, folded, place, section
from demos._ui.sound import recorder
from demos.voices.figures import PROMISE
from demos.voices.nets import OURS, RECIPES
from demos.voices.pairs import FIRST, PAIRS


class Compared(NamedTuple):
    """What two recordings came to: in words, and as it is kept."""

    answer: Any = gr.skip()
    found: Any = gr.skip()


class Heard(NamedTuple):
    """Two recordings, what they are, and what they came to."""

    a: Any = gr.skip()
    b: Any = gr.skip()
    words: Any = gr.skip()
    answer: Any = gr.skip()
    found: Any = gr.skip()


class Costs(NamedTuple):
    """Both errors at a threshold, and at all of them."""

    rates: Any
    curve: Any


class Triggers(NamedTuple):
    """What brings two recordings."""

    example: gr.Radio
    trial: gr.Button


class Choice(NamedTuple):
    """Which net compares, and from which similarity on it says “one person”."""

    name: gr.Radio
    threshold: gr.Slider


class Expert(NamedTuple):
    """What is folded away about errors: the costs, and the trials to take away."""

    fold: gr.Accordion
    costs: Costs
    prepare: gr.Button
    download: gr.DownloadButton


def choose_pair() -> Triggers:
    """Pairs in one row, and one drawn at random."""
    with controls("wl-voices-pairs"):
        example = examples(list(PAIRS), first=FIRST)
        trial = gr.Button("Any two test recordings", size="sm", min_width=170, scale=0)
    return Triggers(example, trial)


def show_answer(low: float, high: float, threshold: float) -> tuple[Heard, gr.Slider]:
    """The answer with its threshold, and beside it the two recordings."""
    with columns():
        with gr.Column(scale=5, min_width=300):
            answer = place(live=True)
            slider = gr.Slider(
                low, high, value=threshold, step=0.01, label="Threshold: one person, from this similarity on"
            )
        with gr.Column(scale=4, min_width=300):
            words = place()
            a = recorder(label="Recording A", elem_id="voices-a", buttons=[])
            b = recorder(label="Recording B", elem_id="voices-b", buttons=[])
    return Heard(a, b, words, answer, gr.State(None, time_to_live=3600)), slider


def show_reasons() -> gr.HTML:
    """What in the recordings spoke for likeness."""
    section("Why", "Both recordings as spectrograms, and below each the sounds that spoke for likeness.")
    return place()


def choose_net() -> gr.Radio:
    """The other net, for comparison."""
    with folded("Ask another net"):
        name = gr.Radio(list(RECIPES), value=OURS, label="Net")
        place(
            "Our net hears bands of pitch; the recurrent twins read the spectrum frame by frame, as a course taught it. "
            "The twins' similarity is a cosine. Ours counts how far two recordings stand out: from their cosine it takes "
            "what either has with the 200 training voices nearest to it, in standard deviations."
        )
    return name


def show_costs() -> Expert:
    """Both errors at every threshold and at the chosen one, and the trials to take away."""
    with folded("What it costs to be wrong: both errors at every threshold") as fold:
        place(
            "Every threshold trades one error for the other. The curve shows all of them on ten test speakers (AN4), whom "
            "no net here has heard; the ring is where both errors are equal there, the dot is your threshold."
        )
        with columns():
            with gr.Column(scale=5, min_width=300):
                curve = place()
            with gr.Column(scale=4, min_width=300):
                rates = place()
                with controls():
                    prepare = gr.Button("Prepare the list of trials", size="sm", min_width=140)
                    download = gr.DownloadButton("Nothing prepared yet", size="sm", interactive=False, min_width=140)
    return Expert(fold, Costs(rates, curve), prepare, download)


def promise() -> None:
    """What is kept of a visitor's voice, and what the answer is not for."""
    place(PROMISE)
