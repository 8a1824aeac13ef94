"""Voices: do two recordings come from one person? A similarity, a decision with its error rates, and what drove it."""

import random
import time
from typing import Any

import gradio as gr
from markupsafe import Markup

from demos._ui.card import card_text
from demos._ui.events import Wire, sentence
from demos._ui.html import EMPTY, join, note, title
from demos._ui.nets import Net
from demos._ui.page import how_good, train_it
from demos._ui.sound import served
from demos.voices.attribution import explanation_text
from demos.voices.cleaning import does_cleaning_help
from demos.voices.figures import Comparison, decision_text, facts, pair_text, speaker_map, strangers_table
from demos.voices.identity import who_is_it
from demos.voices.layout import (
    Compared,
    Costs,
    Heard,
    choose_net,
    choose_pair,
    promise,
    show_answer,
    show_costs,
    show_reasons,
)
from demos.voices.nets import (
    OURS,
    RECIPES,
    TWINS,
    Own,
    Recording,
    active_net,
    at_home,
    attribution,
    embed,
    hears_mel,
    load_recording,
    similarity,
    trial_scores,
    trials_csv,
)
from demos.voices.pairs import FIRST, Pair, as_int16, example_pair, random_trial
from demos.voices.strangers import mistaken, strange
from demos.voices.trials import det_chart, elsewhere_table, rates_text
from models import CheckpointDamaged, CheckpointMissing

LIMITS = (
    "Speech of 2 s and more, one voice at a time. The test speakers were probably recorded in one session each, so that the "
    "room helps; across telephones, colds and years it will do worse. With noise behind a voice it fails often. "
    "Not for security, and not for any decision about a person."
)
ELSEWHERE = {
    "an4": "AN4: ten people",
    "librispeech": "LibriSpeech: ten people, another recording chain",
    "synthetic": "espeak-ng: ten voices of no person",
}
"""The test voices, by corpus."""
OWN_PAIR = note("Your recordings: nobody here knows the truth.")

# Handlers


def show_example(which: str, name: str, own: Own, threshold: float) -> Heard:
    """Two recordings that ship with the project, compared."""
    return heard(example_pair(which), name, own, threshold)


def show_random_trial(name: str, own: Own, threshold: float) -> Heard:
    """Two recordings of the test speakers, drawn at random: one person's as often as two persons'."""
    return heard(random_trial(random.random() < 0.5, random.choice), name, own, threshold)


def heard(pair: Pair, name: str, own: Own, threshold: float) -> Heard:
    """A pair of which the truth is known, compared, with the truth told behind the answer."""
    a, b = load_recording(pair.a, "Recording A"), load_recording(pair.b, "Recording B")
    found = comparison(active_net(name, own), a, b)._replace(truth=pair.truth, same=pair.same)
    answer = decision_text(trial_scores(active_net(name, own)), threshold, found)
    return Heard(as_int16(a), as_int16(b), note(pair_text(pair)), answer, found)


def compare(name: str, own: Own, a: str | None, b: str | None, threshold: float) -> Heard:
    """Compare the voices in two recordings (files at any rate).

    Gives the similarity on the scale of the test trials with the decision at `threshold`, as HTML, and the similarity.
    """
    if not a or not b:
        missing = "two recordings" if not a and not b else f"recording {'A' if not a else 'B'}"
        return Heard(
            words=EMPTY, answer=note(f"Press a pair above, or bring {missing}: the answer comes by itself."), found=None
        )
    found = comparison(active_net(name, own), load_recording(a, "Recording A"), load_recording(b, "Recording B"))
    return Heard(
        words=OWN_PAIR, answer=decision_text(trial_scores(active_net(name, own)), threshold, found), found=found
    )


def compare_again(
    name: str, own: Own, a: str | None, b: str | None, threshold: float, found: Comparison | None
) -> Compared:
    """The same two by another net, where there are two."""
    if found is None or not a or not b:
        return Compared()
    again = compare(name, own, a, b, threshold).found._replace(truth=found.truth, same=found.same)
    return Compared(decision_text(trial_scores(active_net(name, own)), threshold, again), again)


def comparison(net: Net[Any], a: Recording, b: Recording) -> Comparison:
    """How similar two voices are, what in them is strange, and what the shipped net says where a visitor's own answers."""
    began = time.perf_counter()
    score = similarity(net, a, b)
    words = facts(a, b, time.perf_counter() - began, net.whose)
    beside = None
    if net.own:
        shipped = Net.pretrained(net.recipe)
        beside = similarity(shipped, a, b), trial_scores(shipped).threshold
    return Comparison(score, words, strange({"Recording A": a, "Recording B": b}), mistaken(), beside)


def decide(name: str, own: Own, found: Comparison | None, threshold: float) -> Markup:
    """The decision at another threshold."""
    return EMPTY if found is None else decision_text(trial_scores(active_net(name, own)), threshold, found)


def show_errors(name: str, own: Own, threshold: float) -> Costs:
    """Both error rates at a threshold, and the curve of all thresholds."""
    net = active_net(name, own)
    scores = trial_scores(net)
    elsewhere = elsewhere_table({words: trial_scores(net, corpus) for corpus, words in ELSEWHERE.items()})
    return Costs(join([rates_text(scores, threshold), elsewhere]), det_chart(scores, threshold))


def explain(name: str, own: Own, a: str | None, b: str | None) -> Markup:
    """Both spectrograms, and below each what in it spoke for likeness, as HTML."""
    if not a or not b:
        return note("Two recordings are needed to see what drove their similarity.")
    net = active_net(name, own)
    both = {which: load_recording(source, which) for which, source in (("Recording A", a), ("Recording B", b))}
    voices = [embed(net, recording) for recording in both.values()]
    explained = {
        which: (recording.x_T, attribution(net, recording.x_T, other_E))
        for (which, recording), other_E in zip(both.items(), reversed(voices), strict=True)
    }
    return explanation_text(explained, mel=hears_mel(net))


def export_trials(name: str, own: Own) -> Any:
    """Every test trial with this net's score, as a CSV file."""
    file = served(trials_csv(active_net(name, own)).encode(), "voices-trials.csv")
    return gr.update(value=file["path"], label="Download voices-trials.csv", interactive=True)


def on_open(name: str, own: Own, threshold: float, found: Comparison | None) -> Heard:
    """The first pair, compared, when the tab is opened; where there is an answer already, it stays."""
    if found is not None:
        return Heard()
    try:
        return show_example(FIRST, name, own, threshold)
    except (CheckpointMissing, CheckpointDamaged) as error:
        return Heard(answer=note(sentence(error)))


def choose_threshold(name: str, own: Own) -> tuple[Any, Markup]:
    """The threshold with which another net begins, and its map."""
    net = active_net(name, own)
    scores = trial_scores(net)
    (low, high), threshold = scores.span, round(scores.threshold, 2)
    return gr.update(minimum=low, maximum=high, value=threshold), speaker_map(net.evidence, {})


def opening() -> tuple[float, float, float]:
    """The scale's ends, and the threshold with which the page begins (see `TrialScores`)."""
    try:
        scores = trial_scores(active_net(OURS))
    except (CheckpointMissing, CheckpointDamaged):
        return -1, 1, 0.5
    return *scores.span, round(scores.threshold, 2)


def further() -> Markup:
    """How strangers are told, and the card of the other net, below ours."""
    return join([title("Strangers"), strangers_table(mistaken()), title(TWINS), card_text(RECIPES[TWINS], LIMITS)])


# The page


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    triggers = choose_pair()
    page, threshold = show_answer(*opening())
    reasons = show_reasons()
    name, expert = choose_net(), show_costs()
    atlas = who_is_it(name, own, threshold)
    does_cleaning_help(name, own, page.a, page.b, threshold)
    promise()
    how_good(RECIPES[OURS], LIMITS, further)
    uses = train_it(
        "Which of the two nets, you choose under “Ask another net”. Of ours the convolutions are trained, from random "
        "weights, in your own session; its other half is computed in one go. Nothing is written.",
        RECIPES[OURS], use=Net.from_run, state=own, choose=at_home, inputs=[name],
    )  # fmt: skip

    net, fills = [name, own], list(page)
    explaining = Wire(explain, [*net, page.a, page.b], reasons)
    Wire(on_open, [*net, threshold, page.found], fills).on(tab.select).then(explaining)
    example = Wire(show_example, [triggers.example, *net, threshold], fills)
    example.on(triggers.example.input, api="example_voices").then(explaining)
    trial = Wire(show_random_trial, [*net, threshold], fills)
    trial.on(triggers.trial.click, api="test_trial").then(explaining)
    brought = [event for it in (page.a, page.b) for event in (it.upload, it.stop_recording, it.clear)]
    Wire(compare, [*net, page.a, page.b, threshold], fills).on(*brought, api="compare_voices").then(explaining)
    Wire(None, None, triggers.example, script="() => null").on(*brought, triggers.trial.click)

    costs = Wire(show_errors, [*net, threshold], list(expert.costs))
    decision = Wire(decide, [*net, page.found, threshold], page.answer)
    decision.on(threshold.input, threshold.release, api="decide_voices").then(costs)
    costs.on(expert.fold.expand)
    Wire(export_trials, net, expert.download).on(expert.prepare.click, api="export_trials")
    again = Wire(compare_again, [*net, page.a, page.b, threshold, page.found], [page.answer, page.found])
    other = Wire(choose_threshold, net, [threshold, atlas])
    other.on(name.input, uses.change).then(again, costs, explaining)
