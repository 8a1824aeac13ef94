"""Heartbeats: a real ECG on its paper, every beat named by four nets, and what each of them looked at."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import gradio as gr
import numpy as np
from markupsafe import Markup

from demos._ui.events import Wire, sentence
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net
from demos._ui.page import folded, how_good, on_visit, place, train_it
from demos.heartbeats.figures import beat_text, counts_text, nets_text, rhythm_text, shown, verdict_text
from demos.heartbeats.layout import (
    NOTHING,
    SIMULATED,
    Beat,
    Paper,
    Scores,
    Strip,
    choose_lead,
    show_beat,
    show_scores,
    show_strip,
)
from demos.heartbeats.nets import (
    OURS,
    RECIPES,
    TITLES,
    Reading,
    Truth,
    card,
    classify_beats,
    net,
    over_seeds,
    reclassify,
)
from demos.heartbeats.records import FIRST, PAPER_SECONDS, Own, choices, read_example, read_record
from demos.heartbeats.scores import (
    attention_comparison,
    beside_headline,
    class_table,
    curves,
    melting_number,
    split_comparison,
    threshold_text,
)
from demos.heartbeats.strip import CARD, ecg_strip
from models import CheckpointDamaged, CheckpointMissing
from signals import ecg_files
from signals.ecg_files import Lead
from signals.synthetic_ecg import simulate
from training.recipes.ecg import LOOKS, held_out

LIMITS = (
    "One lead, of adults, of one hospital of the seventies, with R peaks where the annotators put them. S beats (early "
    "atrial ones) of a new patient are mostly missed, F (fusion) and Q always: nearly all of F’s training beats are one "
    "patient’s, and Q has eight. Another recorder, electrode or population will do worse."
)


# Handlers


def show_example(name: str, turned: bool, own: Own) -> Strip:
    """Two minutes of a real test record, opened on the half minute that shows best what its title says."""
    return strip_of(read_example(name, turned=turned, own=own))._replace(example=name)


def show_simulated(name: str, turned: bool, own: Own) -> Strip:
    """Simulate one of the lessons (seeded) and classify its beats."""
    made = simulate(PAPER_SECONDS, **SIMULATED[name])
    truth = Truth(made.r_B, made.class_B)
    return strip_of(
        classify_beats(Lead(made.x_T, f"{name}; no heart beats so tidily"), turned=turned, own=own, truth=truth)
    )


def show_record(name: str | None, turned: bool, own: Own) -> Strip:
    """Classify a whole test record, half an hour, or its first ten minutes where only samples are at hand; DataMissing."""
    if not name:
        raise ValueError("Choose a record from the list first.")
    return strip_of(read_record(name, turned=turned, own=own))


def show_files(paths: Sequence[str] | None, rate_hz: float | None, turned: bool, own: Own) -> Strip:
    """Classify an uploaded lead: a text file of one column with its sampling rate, or a WFDB pair (.hea and .dat)."""
    if not paths:
        raise ValueError("Bring a file first: one column of numbers, or a WFDB pair (.hea and .dat).")
    return strip_of(classify_beats(ecg_files.read(paths, rate_hz), turned=turned, own=own))


def show_again(reading: Reading | None, turned: bool, own: Own) -> Strip:
    """The lead that is on the paper once more: turned over, or by another net."""
    if reading is None:
        return show_example(FIRST, turned, own)
    return strip_of(reclassify(reading, turned=turned, own=own))._replace(example=gr.skip())


def strip_of(reading: Reading) -> Strip:
    """A reading: its verdict, its paper on the beat worth looking at, and the slider that moves the paper."""
    longest, start = max(0, int(np.ceil(reading.lead.seconds - PAPER_SECONDS))), reading.start
    slider = gr.update(value=start, maximum=max(longest, 1), visible=longest > 0)
    verdict, sheet = paper(reading, start, first_unusual(reading))
    return Strip(None, reading, verdict, sheet, slider, counts_text(reading), -1)


def first_unusual(reading: Reading) -> int:
    """The first beat on the paper that the best net does not call normal, or the third."""
    on_paper = shown(reading, reading.start)
    unusual = on_paper[reading.answer(OURS)[on_paper] > 0]
    return int(unusual[0] if len(unusual) else on_paper[min(2, len(on_paper) - 1)] if len(on_paper) else 0)


def paper(reading: Reading | None, start: float, chosen: int = -1) -> Paper:
    """The half minute from `start` on, and what is to be said of it."""
    if reading is None:
        return Paper(EMPTY, NOTHING)
    sheet = ecg_strip(reading, start=start, seconds=PAPER_SECONDS, chosen=chosen)
    return Paper(verdict_text(reading, start), sheet)


def open_beat(reading: Reading | None, i: int, method: str) -> Beat:
    """The beat worth looking at, where the visitor has not looked at one of this reading yet."""
    return inspect_beat(reading, first_unusual(reading), method) if reading is not None and i < 0 else Beat()


def inspect_beat(reading: Reading | None, i: int, method: str) -> Beat:
    """One beat large: for every net its probabilities and what it looked at, and the rhythm that ours heard."""
    if reading is None:
        return Beat(0, EMPTY, EMPTY)
    i = min(max(i, 0), len(reading.beats.r_B) - 1)
    return Beat(i, beat_text(reading, i), join([nets_text(reading, i, method), rhythm_text(reading, i)]))


def on_beat_click(reading: Reading | None, method: str, event: gr.EventData) -> Beat:
    """The beat that was clicked on the strip, large."""
    i = event._data.get("beat", 0) if isinstance(event._data, dict) else 0
    if not isinstance(i, int):
        raise ValueError("There is no such beat on the strip. Click one that is there.")
    return inspect_beat(reading, i, method)._replace(beat=i)


def step_beat(by: int, reading: Reading | None, i: int, method: str) -> Beat:
    """The beat before or after the one that is shown."""
    return inspect_beat(reading, i + by, method)


def on_open(reading: Reading | None, turned: bool, own: Own) -> Strip:
    """A real record on the paper when the tab is opened, where there is none yet."""
    return show_example(FIRST, turned, own) if reading is None else Strip()


def below(which: str, kind: str, threshold: float) -> tuple[Any, ...]:
    """What stands further down, once the first view is there: the list of records, the test set, three lessons."""
    listed = choices()
    record = gr.update(choices=listed, value=listed[0][1]) if listed else gr.skip()
    lessons = split_comparison(), melting_lesson(), attention_lesson()
    return record, *scores(which, kind, threshold), *lessons


def melting_lesson() -> Markup:
    """What the shipped net's F1 of S is made of, from its card and its answers to every test beat."""
    return melting_number(net(OURS).evidence, LOOKS, card(OURS).metrics["macro_f1"])


def attention_lesson() -> Markup:
    """What the seeds on two cards say of a finding of the course work, or how to make the cards."""
    try:
        return attention_comparison(over_seeds("ecg_cnn"), over_seeds("ecg_attention"))
    except (CheckpointMissing, CheckpointDamaged) as error:
        return note(sentence(error))


def scores(which: str, kind: str, threshold: float) -> Scores:
    """The test set as the chosen net answered it: confusion, curves, and the binary reading at a threshold."""
    evidence = net(which).evidence
    return Scores(class_table(evidence, TITLES[which]), curves(evidence, kind), threshold_text(evidence, threshold))


def accuracy() -> Markup:
    """What the headline's F1 leaves out: accuracy, beside that of a net that calls all normal."""
    try:
        return beside_headline(card(OURS), net(OURS).evidence)
    except (CheckpointMissing, CheckpointDamaged):
        return EMPTY  # the headline says so


def read_at(which: str, threshold: float) -> Markup:
    """Normal against abnormal at a threshold on the probability of an abnormal beat: precision, recall, specificity, F1."""
    return threshold_text(net(which).evidence, threshold)


# The page


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    strip = show_strip(reading)
    triggers = choose_lead()
    beat, back, forth, method = show_beat(strip.beat)
    which, kind, threshold, measured = show_scores()
    with folded("Three lessons: how beats are split, a number that melts, and a finding put to the test"):
        lessons = [place(), place(), place()]
    how_good(RECIPES[OURS], LIMITS)
    on_visit(accuracy)
    uses = train_it(
        "The best net again from random weights, in your own session. Nothing is written to disk.",
        held_out, use=Net.from_run, state=own, seconds=30,
    )  # fmt: skip

    fills, turn = list(strip), triggers.turn
    why = Wire(open_beat, [reading, strip.beat, method], list(beat))
    Wire(show_example, [strip.example, turn, own], fills).on(strip.example.input).then(why)
    for button in triggers.simulated:
        Wire(partial(show_simulated, button.value), [turn, own], fills).on(button.click).then(why)
    record = Wire(show_record, [triggers.record, turn, own], fills)
    record.on(triggers.take.click, api="judge_record", listed=False).then(why)
    files = Wire(show_files, [triggers.files, triggers.rate, turn, own], fills)
    files.on(triggers.files.upload, api="judge_ecg").then(why)
    again = Wire(show_again, [reading, turn, own], fills)
    again.on(turn.input).then(why)
    again.on(uses.change).then(why)
    Wire(paper, [reading, strip.start], [strip.verdict, strip.sheet]).on(strip.start.input, strip.start.release)

    Wire(on_beat_click, [reading, method], list(beat)).on(strip.sheet.click)
    Wire(partial(step_beat, -1), [reading, strip.beat, method], list(beat)).on(back.click)
    Wire(partial(step_beat, 1), [reading, strip.beat, method], list(beat)).on(forth.click)
    Wire(inspect_beat, [reading, strip.beat, method], list(beat)).on(method.input)

    Wire(scores, [which, kind, threshold], list(measured)).on(which.input, kind.input)
    Wire(read_at, [which, threshold], measured.at_threshold).on(
        threshold.input, threshold.release, api="binary_reading"
    )
    rest = Wire(below, [which, kind, threshold], [triggers.record, *measured, *lessons])
    Wire(on_open, [reading, turn, own], fills).on(tab.select).then(why, rest)


def thumbnail() -> Markup:
    """For the home page: two normal beats and a ventricular one."""
    made = simulate(4.2, pattern=("N", "N", "V", "N"), noise_mv=0.005, drift_mv=0, seed=5)
    x_T = made.x_T[60:1500:3]
    return CARD.format(" ".join(f"{300 * i / len(x_T):.1f},{52 - 34 * v:.1f}" for i, v in enumerate(x_T)))
