"""Heartbeats: an ECG on its paper, every beat named by four nets, and what each of them looked at."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net
from demos._ui.page import columns, controls, how_good, place, section, train_it
from demos.heartbeats.figures import beat_text, nets_text, rhythm_text, summary_text
from demos.heartbeats.nets import (
    GRADCAM,
    METHODS,
    OURS,
    RECIPES,
    TITLES,
    Reading,
    classify_beats,
    net,
    reclassify,
)
from demos.heartbeats.scores import attention_comparison, counts_text, curves, split_comparison, threshold_text
from demos.heartbeats.strip import CARD, ecg_strip
from models.ecg import BeatNet
from signals import ecg_files
from signals.ecg import RATE_HZ
from signals.ecg_files import Lead
from signals.synthetic_ecg import simulate
from training.data import mitbih

LIMITS = (
    "One lead, of adults, of one hospital of the seventies, with R peaks where the annotators put them. F (fusion) and Q "
    "beats are never found: nearly all of F’s training beats are one patient’s, and Q has eight. Another recorder, electrode or "
    "population will do worse."
)
DEVICE = "Not a medical device: nothing on this page may guide a diagnosis or a treatment."
WINDOW_SECONDS = 30
FIRST = "Ventricular beats"
EXAMPLES: dict[str, dict[str, Any]] = {
    "A regular rhythm": {"pattern": ("N",)},
    "Early beats": {"pattern": ("N", "N", "N", "N", "S"), "seed": 2},
    FIRST: {"pattern": ("N", "N", "N", "N", "N", "V"), "seed": 3},
    "Bigeminy, noisy": {"pattern": ("N", "V"), "beats_per_minute": 84, "noise_mv": 0.08, "drift_mv": 0.4, "seed": 4},
}
NOTHING = note(
    "Choose an example, a test record or a file of your own: the strip appears here, every beat with its letter."
)
KINDS = ("Precision and recall", "ROC")
CLICK = Path(__file__).with_name("strip.js").read_text(encoding="utf-8")
Own = Net[BeatNet] | None


class Strip(NamedTuple):
    """What shows a lead and one of its beats: once of components, once of what fills them."""

    reading: Any = gr.skip()
    sheet: Any = gr.skip()
    summary: Any = gr.skip()
    start: Any = gr.skip()
    beat: Any = gr.skip()
    words: Any = gr.skip()
    large: Any = gr.skip()


class Beat(NamedTuple):
    """One beat, large."""

    beat: Any
    words: Any
    large: Any


class Scores(NamedTuple):
    """The test set as one net answered it."""

    counts: Any
    plot: Any
    areas: Any
    at_threshold: Any


# Handlers


def show_example(name: str, turned: bool, own: Own) -> Strip:
    """Simulate one of the examples (seeded) and classify its beats."""
    made = simulate(WINDOW_SECONDS, **EXAMPLES[name])
    lead = Lead(made.x_T, f"{name}, simulated by the project: no heart beats so tidily")
    return strip_of(classify_beats(lead, turned=turned, own=own, truth=(made.r_B, made.class_B)))


def show_record(name: str, turned: bool, own: Own) -> Strip:
    """Classify a whole test record, half an hour; DataMissing where MIT-BIH is not on this machine."""
    it = mitbih.record(name, download=False)
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
    return *first, *scores(which, kind, threshold), split_comparison(), attention_comparison()


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


class Triggers(NamedTuple):
    """What brings a lead onto the paper."""

    examples: list[gr.Button]
    record: gr.Dropdown
    take: gr.Button
    rate: gr.Number
    files: gr.UploadButton


def choose_lead() -> tuple[Triggers, gr.Checkbox]:
    """Examples, test records and files, and whether the lead is turned over."""
    with controls("wl-examples"):
        examples = [gr.Button(name, size="sm", min_width=110) for name in EXAMPLES]
    with controls(equal_height=False):
        with gr.Column(scale=3, min_width=260):
            record = gr.Dropdown(list(mitbih.TEST), value="200", label="Test record of MIT-BIH")
            take = gr.Button("Judge this record", size="sm")
        with gr.Column(scale=4, min_width=260):
            rate = gr.Number(360, label="Sampling rate of your numbers, Hz", minimum=1)
            files = gr.UploadButton(
                "Upload a column of numbers, or .hea and .dat together", size="sm", file_count="multiple",
                file_types=[".csv", ".txt", ".tsv", ".hea", ".dat"],
            )  # fmt: skip
        with gr.Column(scale=2, min_width=200):
            turn = gr.Checkbox(False, label="Turn the lead over")
    return Triggers(examples, record, take, rate, files), turn


def show_strip(reading: gr.State) -> tuple[Strip, gr.Button, gr.Button, gr.Radio]:
    """The paper and its words, and one beat under every net."""
    sheet = place(NOTHING, html_template="${value}", js_on_load=CLICK, label="ECG strip")
    start = gr.Slider(0, 1, value=0, step=10, label="Paper from, seconds", visible=False)
    summary = place()
    section(
        "One beat, four nets",
        "Click a beat on the strip, or step through them. The first net sees a second of ECG, the patient’s usual beat and the "
        "rhythm; the other three see the beat alone, as in the course work.",
    )
    with controls():
        back = gr.Button("Beat before", size="sm", min_width=100)
        forth = gr.Button("Beat after", size="sm", min_width=100)
        method = gr.Radio(
            list(METHODS), value=GRADCAM, label="Explain all but the attention net by", scale=3, min_width=300
        )
    return Strip(reading, sheet, summary, start, gr.State(0), place(), place()), back, forth, method


def show_scores() -> tuple[gr.Radio, gr.Radio, gr.Slider, Scores]:
    """The test set: which net, which curves, which threshold, and what they give."""
    section(
        "On the test set",
        "The beats of 22 patients, one of whom was also in training. The scores are stored with each net; the ECGs are not.",
    )
    with controls():
        names = [(title, name) for name, title in TITLES.items()]
        which = gr.Radio(names, value=OURS, label="Net", scale=3, min_width=320)
        kind = gr.Radio(list(KINDS), value=KINDS[0], label="Curves", scale=2, min_width=260)
    with columns():
        with gr.Column(scale=5, min_width=300):
            counts = place()
        with gr.Column(scale=4, min_width=300):
            plot = gr.Plot(label="One class against the rest", show_label=False)
            areas = place()
    threshold = gr.Slider(
        0.01, 0.99, value=0.5, step=0.01, label="Normal or not: alarm where the probability of an abnormal beat is at least"
    )  # fmt: skip
    return which, kind, threshold, Scores(counts, plot, areas, place(live=True))


def thumbnail() -> Markup:
    """For the home page: two normal beats and a ventricular one."""
    made = simulate(4.2, pattern=("N", "N", "V", "N"), noise_mv=0.005, drift_mv=0, seed=5)
    x_T = made.x_T[60:1500:3]
    return CARD.format(" ".join(f"{300 * i / len(x_T):.1f},{52 - 34 * v:.1f}" for i, v in enumerate(x_T)))
