"""Voices: do two recordings come from one person? A similarity, a decision with its error rates, and what drove it."""

import random
import time
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.card import card_text
from demos._ui.events import Wire
from demos._ui.html import note, title
from demos._ui.nets import Net
from demos._ui.page import columns, controls, how_good, place, section, train_it
from demos._ui.sound import recorder, served
from demos.voices.attribution import explanation_text
from demos.voices.cleaning import does_cleaning_help
from demos.voices.figures import NOTHING_HEARD, PROMISE, Comparison, decision_text, facts, speaker_map
from demos.voices.identity import who_is_it
from demos.voices.nets import (
    OURS,
    RECIPES,
    TWINS,
    Own,
    active_net,
    attribution,
    embed,
    hears_mel,
    load_example,
    load_recording,
    name_of,
    random_trial,
    recipe_named,
    similarity,
    trial_scores,
    trials_csv,
)
from demos.voices.trials import det_figure, rates_text

PAIRS = {
    "One voice, two sentences": ("ada-first", "ada-second"),
    "Two voices, one sentence": ("dan-first", "bea-first"),
    "Two voices that are close": ("dan-first", "eli-second"),
}
LIMITS = (
    "Speech of 2 s and more, one voice at a time. It has no “not a voice” answer: music gets a score too. AN4's speakers "
    "were probably recorded in one session each, so that the room helps; across telephones, colds and years it will do "
    "worse, and recordings from elsewhere than AN4, the synthetic examples among them, resemble one another in its ears: "
    "raise the threshold for them. With noise behind a voice it fails (see the table). "
    "Not for security, and not for any decision about a person."
)
TWO_NEEDED = note("Two recordings are needed to see what drove their similarity.")


class Compared(NamedTuple):
    """Two recordings as they were compared: once of components, once of what fills them."""

    answer: Any
    found: Any


class Decision(NamedTuple):
    """What a threshold decides, and what it costs."""

    answer: Any
    rates: Any
    curve: Any


class Pair(NamedTuple):
    """Two recordings, and what they are."""

    a: Any
    b: Any
    words: Any


# Handlers


def compare(name: str, own: Own, a: str | None, b: str | None, threshold: float) -> Compared:
    """Compare the voices in two recordings (files at any rate).

    Gives the similarity on the scale of the test trials with the decision at `threshold`, as HTML, and the similarity.
    """
    if not a and not b:
        return Compared(NOTHING_HEARD, None)
    net = active_net(name, own)
    began = time.perf_counter()
    first, second = load_recording(a, "Recording A"), load_recording(b, "Recording B")
    score = similarity(net, first, second)
    seconds = time.perf_counter() - began
    found = Comparison(score, facts(first, second, seconds, net.whose if net.own else f"{net.whose} ({name.lower()})"))
    return Compared(decision_text(trial_scores(net), threshold, found), found)


def compare_again(name: str, own: Own, a: str | None, b: str | None, threshold: float) -> Compared:
    """The same at a threshold that was not there yet, where there are two recordings."""
    return compare(name, own, a, b, threshold) if a and b else Compared(gr.skip(), gr.skip())


def decide(name: str, own: Own, found: Comparison | None, threshold: float) -> Decision:
    """The decision, both error rates and the curve at another threshold."""
    net = active_net(name, own)
    scores = trial_scores(net)
    answer = NOTHING_HEARD if found is None else decision_text(scores, threshold, found)
    return Decision(answer, rates_text(scores, threshold), det_figure({name_of(net): scores}, scores.errors(threshold)))


def explain(name: str, own: Own, a: str | None, b: str | None) -> Markup:
    """Both spectrograms, and below each what in it spoke for likeness, as HTML."""
    if not a or not b:
        return TWO_NEEDED
    net = active_net(name, own)
    both = {which: load_recording(source, which) for which, source in (("Recording A", a), ("Recording B", b))}
    voices = [embed(net, recording) for recording in both.values()]
    explained = {
        which: (recording.x_T, attribution(net, recording.x_T, other_E))
        for (which, recording), other_E in zip(both.items(), reversed(voices), strict=True)
    }
    return explanation_text(explained, mel=hears_mel(net))


def show_example_pair(which: str) -> Pair:
    """Two of the synthetic recordings that ship with the project."""
    first, second = PAIRS[which]
    words = (
        f"Synthetic voices (espeak-ng): {first} and {second}. One synthesiser made them all, and the net hears that before it "
        "hears the voice: it takes them for one person. People recorded in one place fare better: try a test trial."
    )
    return Pair(load_example(first), load_example(second), note(words))


def show_random_trial() -> Pair:
    """A random trial of AN4's test speakers."""
    a, b, words = random_trial(random.random() < 0.5, random.choice)
    return Pair(a, b, note(words))


def export_trials(name: str, own: Own) -> Any:
    """Every test trial with this net's score, as a CSV file."""
    file = served(trials_csv(active_net(name, own)).encode(), "voices-trials.csv")
    return gr.update(value=file["path"], label="Download voices-trials.csv", interactive=True)


def on_open(name: str, own: Own, found: Comparison | None) -> tuple[Any, ...]:
    """The threshold at which both errors are equal, and everything that hangs on it, when the tab is opened."""
    net = active_net(name, own)
    scores = trial_scores(net)
    (low, high), threshold = scores.span, round(scores.equal.threshold, 2)
    slider = gr.update(minimum=low, maximum=high, value=threshold)
    return slider, *decide(name, own, found, threshold), speaker_map(net.evidence, {})


def twins_card() -> Markup:
    """The card of the other net, below ours."""
    return title(TWINS) + card_text(RECIPES[TWINS], LIMITS)


# The page


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    pair, buttons, name, compared, threshold = compare_two()
    decision, prepare, download = show_costs(compared.answer)
    reasons = show_reasons()
    atlas = who_is_it(name, own, threshold)
    does_cleaning_help(name, own, pair.a, pair.b, threshold)
    how_good(RECIPES[OURS], LIMITS, twins_card)
    uses = train_it(
        "The net chosen at the top, from random weights, in your own session. Nothing is written.",
        RECIPES[OURS], use=Net.from_run, state=own, choose=recipe_named, inputs=[name],
    )  # fmt: skip

    net = [name, own]
    heard = [*net, pair.a, pair.b, threshold]
    comparing = Wire(compare, heard, list(compared))
    explaining = Wire(explain, [*net, pair.a, pair.b], reasons)
    brought = [event for it in (pair.a, pair.b) for event in (it.upload, it.stop_recording, it.clear)]
    comparing.on(*brought, api="compare_voices").then(explaining)
    for button in buttons.pairs:
        example = Wire(show_example_pair, button, list(pair))
        example.on(button.click, api="example_voices").then(comparing, explaining)
    trial = Wire(show_random_trial, None, list(pair))
    trial.on(buttons.trial.click, api="test_trial").then(comparing, explaining)
    Wire(decide, [*net, compared.found, threshold], list(decision)).on(threshold.input, api="decide_voices")
    Wire(export_trials, net, download).on(prepare.click, api="export_trials")
    arrive = Wire(on_open, [*net, compared.found], [threshold, *decision, atlas])
    arrive.on(tab.select).then(Wire(compare_again, heard, list(compared)))  # pressed before the threshold had come
    arrive.on(name.input, uses.change).then(comparing, explaining)


class Buttons(NamedTuple):
    """What brings two recordings."""

    pairs: list[gr.Button]
    trial: gr.Button


def compare_two() -> tuple[Pair, Buttons, gr.Radio, Compared, gr.Slider]:
    """Two recordings, the net that compares them, and beside them the decision and its threshold."""
    with columns():
        with gr.Column(scale=5, min_width=300):
            with columns():
                a = recorder(label="Recording A", elem_id="voices-a", min_width=240, buttons=[])
                b = recorder(label="Recording B", elem_id="voices-b", min_width=240, buttons=[])
            with controls():
                pairs = [gr.Button(text, size="sm", min_width=150) for text in PAIRS]
                trial = gr.Button("A test trial", size="sm", min_width=100)
            words = place(note("Examples are synthetic voices (espeak-ng); a test trial is AN4's, where it is here."))
            name = gr.Radio(list(RECIPES), value=OURS, label="Net")
        with gr.Column(scale=4, min_width=300):
            answer = place(NOTHING_HEARD, live=True)
            threshold = gr.Slider(-1, 1, value=0.5, step=0.01, label="Threshold: one person, from this similarity on")
    place(PROMISE)
    compared = Compared(answer, gr.State(None, time_to_live=3600))
    return Pair(a, b, words), Buttons(pairs, trial), name, compared, threshold


def show_costs(answer: gr.HTML) -> tuple[Decision, gr.Button, gr.DownloadButton]:
    """Both errors at every threshold and at the chosen one, and the trials to take away."""
    section(
        "What it costs to be wrong",
        "Every threshold trades one error for the other. The curve shows all of them on AN4's test speakers, whom no "
        "net here has heard; the ring is where both errors are equal, the cross is your threshold.",
    )
    with columns():
        with gr.Column(scale=5, min_width=300):
            curve = gr.Plot(label="Detection error trade-off", show_label=False)
        with gr.Column(scale=4, min_width=300):
            rates = place()
            with controls():
                prepare = gr.Button("Prepare the list of trials", size="sm", min_width=140)
                download = gr.DownloadButton("Nothing prepared yet", size="sm", interactive=False, min_width=140)
    return Decision(answer, rates, curve), prepare, download


def show_reasons() -> gr.HTML:
    """What in the recordings spoke for likeness."""
    section(
        "What drove it",
        "The spectrograms of both recordings, and which sounds moved the cosine of the two voices (integrated "
        "gradients, from silence to the recording, over what the net hears).",
    )
    return place(TWO_NEEDED)
