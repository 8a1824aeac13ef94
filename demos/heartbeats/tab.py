"""Heartbeats: an ECG on its paper, every beat named by four nets, and what each of them looked at."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import gradio as gr
import numpy as np
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net
from demos._ui.page import how_good, place, section, train_it
from demos.heartbeats.figures import beat_text, nets_text, rhythm_text, summary_text
from demos.heartbeats.layout import EXAMPLES, FIRST, NOTHING, Beat, Scores, Strip, choose_lead, show_scores, show_strip
from demos.heartbeats.nets import (
    GRADCAM,
    OURS,
    RECIPES,
    TITLES,
    Reading,
    classify_beats,
    net,
    over_seeds,
    reclassify,
)
from demos.heartbeats.scores import attention_comparison, counts_text, curves, split_comparison, threshold_text
from demos.heartbeats.strip import CARD, ecg_strip
from models import CheckpointDamaged, CheckpointMissing
from models.ecg import BeatNet
from signals import ecg_files
from signals.ecg import RATE_HZ
from signals.ecg_files import Lead
from signals.synthetic_ecg import simulate
from training.data import at_hand, mitbih

LIMITS = (
    "One lead, of adults, of one hospital of the seventies, with R peaks where the annotators put them. F (fusion) and Q "
    "beats are never found: nearly all of F’s training beats are one patient’s, and Q has eight. Another recorder, electrode or "
    "population will do worse."
)
DEVICE = "Not a medical device: nothing on this page may guide a diagnosis or a treatment."
WINDOW_SECONDS = 30
Own = Net[BeatNet] | None


# Handlers


def show_example(name: str, turned: bool, own: Own) -> Strip:
    """Simulate one of the examples (seeded) and classify its beats."""
    made = simulate(WINDOW_SECONDS, **EXAMPLES[name])
    lead = Lead(made.x_T, f"{name}, simulated by the project: no heart beats so tidily")
    return strip_of(classify_beats(lead, turned=turned, own=own, truth=(made.r_B, made.class_B)))


def show_record(name: str, turned: bool, own: Own) -> Strip:
    """Classify a whole test record, half an hour, or its first ten minutes where only samples are at hand; DataMissing."""
    it = at_hand(lambda: mitbih.record(name)).value
    lead = Lead(it.x_T, f"MIT-BIH {it.name}, {it.lead}")
    return strip_of(classify_beats(lead, turned=turned, own=own, truth=(it.r_B, it.class_B)))


def show_files(paths: Sequence[str] | None, rate_hz: float | None, turned: bool, own: Own) -> Strip:
    """Classify an uploaded lead: a text file of one column with its sampling rate, or a WFDB pair (.hea and .dat)."""
    if not paths:
        raise ValueError("Bring a file first: one column of numbers, or a WFDB pair (.hea and .dat).")
    return strip_of(classify_beats(ecg_files.read(paths, rate_hz), turned=turned, own=own))


def show_again(reading: Reading | None, turned: bool, own: Own) -> Strip:
    """The lead that is on the paper once more: turned over, or by another net."""
    if reading is None:
        return show_example(FIRST, turned, own)
    return strip_of(reclassify(reading, turned=turned, own=own))


def strip_of(reading: Reading) -> Strip:
    """A reading on its paper, its words, the slider that moves the paper, and the beat worth looking at."""
    longest = max(0, int(np.ceil(reading.lead.seconds - WINDOW_SECONDS)))
    first = first_unusual(reading)
    slider = gr.update(value=0, maximum=max(longest, 1), visible=longest > 0)
    return Strip(
        reading, paper(reading, 0, first), summary_text(reading), slider, *inspect_beat(reading, first, GRADCAM)
    )


def first_unusual(reading: Reading) -> int:
    """The first beat of the first window that is not normal, or the third."""
    inside = reading.beats.r_B < WINDOW_SECONDS * RATE_HZ
    unusual = ((reading.p[OURS].argmax(1) != 0) & inside).nonzero().flatten()
    return int(unusual[0]) if len(unusual) else min(2, len(reading.beats.r_B) - 1)


def paper(reading: Reading | None, start: float, chosen: int = -1) -> Markup:
    """The strip from `start` seconds on."""
    if reading is None:
        return NOTHING
    return ecg_strip(reading, start=start, seconds=WINDOW_SECONDS, chosen=chosen)


def inspect_beat(reading: Reading | None, i: int, method: str) -> Beat:
    """One beat large: for every net its probabilities and what it looked at, and the rhythm that ours heard."""
    if reading is None:
        return Beat(0, EMPTY, EMPTY)
    i = int(np.clip(i, 0, len(reading.beats.r_B) - 1))
    return Beat(i, beat_text(reading, i), join([nets_text(reading, i, method), rhythm_text(reading, i)]))


def on_beat_click(reading: Reading | None, method: str, event: gr.EventData) -> Beat:
    """The beat that was clicked on the strip, large."""
    i = int(event._data.get("beat", 0)) if isinstance(event._data, dict) else 0
    return inspect_beat(reading, i, method)._replace(beat=i)


def step_beat(by: int, reading: Reading | None, i: int, method: str) -> Beat:
    """The beat before or after the one that is shown."""
    return inspect_beat(reading, i + by, method)


def on_open(reading: Reading | None, own: Own, which: str, kind: str, threshold: float) -> tuple[Any, ...]:
    """Everything below the first view, when the tab is opened; an example on the paper, so that it is not empty."""
    first = show_example(FIRST, False, own) if reading is None else Strip()
    return *first, *scores(which, kind, threshold), split_comparison(), attention_lesson()


def attention_lesson() -> Markup:
    """What the seeds on two cards say of a finding of the course work, or how to make the cards."""
    try:
        return attention_comparison(over_seeds("ecg_cnn"), over_seeds("ecg_attention"))
    except (CheckpointMissing, CheckpointDamaged) as error:
        return note(str(error))


def scores(which: str, kind: str, threshold: float) -> Scores:
    """The test set as the chosen net answered it: confusion, curves, and the binary reading at a threshold."""
    evidence = net(which).evidence
    return Scores(counts_text(evidence, TITLES[which]), *curves(evidence, kind), threshold_text(evidence, threshold))


def read_at(which: str, threshold: float) -> Markup:
    """Normal against abnormal at a threshold on the probability of an abnormal beat: precision, recall, specificity, F1."""
    return threshold_text(net(which).evidence, threshold)


# The page


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    place(note(DEVICE))
    triggers, turn = choose_lead()
    strip, back, forth, method = show_strip(reading)
    which, kind, threshold, measured = show_scores()
    section("Two lessons", "How the beats are split decides what the number means; and a finding is worth testing.")
    lessons = [place(), place()]
    how_good(RECIPES[OURS], LIMITS)
    uses = train_it(
        "The first net again from random weights, in your own session. Nothing is written to disk.",
        RECIPES[OURS], use=Net.from_run, state=own, seconds=60,
    )  # fmt: skip

    fills = list(strip)
    for button in triggers.examples:
        Wire(partial(show_example, button.value), [turn, own], fills).on(button.click)
    Wire(show_record, [triggers.record, turn, own], fills).on(triggers.take.click, api="judge_record", listed=False)
    Wire(show_files, [triggers.files, triggers.rate, turn, own], fills).on(triggers.files.upload, api="judge_ecg")
    again = Wire(show_again, [reading, turn, own], fills)
    again.on(turn.input)
    Wire(paper, [reading, strip.start], strip.sheet).on(strip.start.release)

    beat = [strip.beat, strip.words, strip.large]
    Wire(on_beat_click, [reading, method], beat).on(strip.sheet.click)
    Wire(partial(step_beat, -1), [reading, strip.beat, method], beat).on(back.click)
    Wire(partial(step_beat, 1), [reading, strip.beat, method], beat).on(forth.click)
    Wire(inspect_beat, [reading, strip.beat, method], beat).on(method.input)

    Wire(scores, [which, kind, threshold], list(measured)).on(which.input, kind.input)
    Wire(read_at, [which, threshold], measured.at_threshold).on(threshold.input, api="binary_reading")
    Wire(on_open, [reading, own, which, kind, threshold], [*fills, *measured, *lessons]).on(tab.select)
    again.on(uses.change)


def thumbnail() -> Markup:
    """For the home page: two normal beats and a ventricular one."""
    made = simulate(4.2, pattern=("N", "N", "V", "N"), noise_mv=0.005, drift_mv=0, seed=5)
    x_T = made.x_T[60:1500:3]
    return CARD.format(" ".join(f"{300 * i / len(x_T):.1f},{52 - 34 * v:.1f}" for i, v in enumerate(x_T)))
