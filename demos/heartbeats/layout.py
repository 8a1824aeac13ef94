"""How Heartbeats is laid out: real records in one row, the answer, the paper with one of its beats, and what is for experts."""

from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from demos._ui.html import note
from demos._ui.page import columns, controls, examples, folded, place, section
from demos.heartbeats.figures import key_text
from demos.heartbeats.nets import GRADCAM, METHODS, OURS, TITLES
from demos.heartbeats.records import EXAMPLES, FIRST

SIMULATED: dict[str, dict[str, Any]] = {
    "Simulated: regular": {"pattern": ("N",)},
    "Simulated: early beats": {"pattern": ("N", "N", "N", "N", "S"), "seed": 2},
    "Simulated: ventricular beats": {"pattern": ("N", "N", "N", "N", "N", "V"), "seed": 3},
    "Simulated: bigeminy in noise": {
        "pattern": ("N", "V"), "beats_per_minute": 84, "noise_mv": 0.08, "drift_mv": 0.4, "seed": 4,
    },
}  # fmt: skip
NOTHING = note("Choose a record: the strip appears here, every beat with its letter.")
DEVICE = "Not a medical device: nothing on this page may guide a diagnosis or a treatment."
KINDS = ("Precision and recall", "ROC")
SCRIPT = Path(__file__).with_name("strip.js").read_text(encoding="utf-8")


class Strip(NamedTuple):
    """What shows a lead: once of components, once of what fills them. `beat` is −1 until one is looked at."""

    example: Any = gr.skip()
    reading: Any = gr.skip()
    verdict: Any = gr.skip()
    sheet: Any = gr.skip()
    start: Any = gr.skip()
    counts: Any = gr.skip()
    beat: Any = gr.skip()


class Paper(NamedTuple):
    """The half minute that is looked at."""

    verdict: Any
    sheet: Any


class Beat(NamedTuple):
    """One beat, large."""

    beat: Any = gr.skip()
    words: Any = gr.skip()
    large: Any = gr.skip()


class Scores(NamedTuple):
    """The test set as one net answered it."""

    counts: Any
    curves: Any
    at_threshold: Any


class Triggers(NamedTuple):
    """What else brings a lead onto the paper."""

    record: gr.Dropdown
    take: gr.Button
    rate: gr.Number
    files: gr.UploadButton
    turn: gr.Checkbox
    simulated: list[gr.Button]


def show_strip(reading: gr.State) -> Strip:
    """Real records, one click each; the verdict, the key of its letters, and the paper."""
    example = examples(list(EXAMPLES), first=FIRST)
    verdict = place(live=True)
    place(key_text())
    sheet = place(NOTHING, html_template="${value}", js_on_load=SCRIPT, label="ECG strip")
    start = gr.Slider(0, 1, value=0, step=5, label="Move along the recording, seconds", visible=False)
    place(note(DEVICE))
    with folded("Every net on the whole of it, counted"):
        counts = place()
    return Strip(example, reading, verdict, sheet, start, counts, gr.State(-1))


def choose_lead() -> Triggers:
    """Every test record, a file of one's own, and whether the lead is turned over."""
    with folded("Another record, or your own ECG"):
        with controls(equal_height=False):
            record = gr.Dropdown([], label="Test records, and what is in them", scale=5, min_width=280)
            take = gr.Button("Judge this record", size="sm", scale=2, min_width=180)
        with controls(equal_height=False):
            rate = gr.Number(360, label="Sampling rate of your numbers, Hz", minimum=1, scale=5, min_width=280)
            files = gr.UploadButton(
                "Upload your ECG", size="sm", file_count="multiple", scale=2, min_width=180,
                file_types=[".csv", ".txt", ".tsv", ".hea", ".dat"],
            )  # fmt: skip
        place(note("A column of numbers as .csv or .txt, or a WFDB pair, .hea and .dat together; up to half an hour."))
        turn = gr.Checkbox(False, label="Turn the lead over")
    with folded("Hearts that a computer made, to learn by"):
        place(note("Simulated, so that the truth is exact. No heart is so tidy, and no net was trained on these."))
        with controls("wl-examples"):
            simulated = [gr.Button(name, size="sm", min_width=110) for name in SIMULATED]
    return Triggers(record, take, rate, files, turn, simulated)


def show_beat(beat: gr.State) -> tuple[Beat, gr.Button, gr.Button, gr.Radio]:
    """One beat under every net."""
    section(
        "Why: one beat, four nets",
        "Click a beat on the strip, or step through them. The best net sees a beat in context: a second of ECG, the patient’s "
        "usual beats, and the rhythm that led up to it; boosted trees, which see it measured, have half of its say. The other three "
        "nets see the beat alone. The truth is what two cardiologists wrote.",
    )
    with controls():
        back = gr.Button("Beat before", size="sm", min_width=100)
        forth = gr.Button("Beat after", size="sm", min_width=100)
        method = gr.Radio(
            list(METHODS), value=GRADCAM, label="Explain all but the attention net by", scale=3, min_width=300
        )
    return Beat(beat, place(live=True), place()), back, forth, method


def show_scores() -> tuple[gr.Radio, gr.Radio, gr.Slider, Scores]:
    """The test set: a threshold, and what it gives; for experts, which net, its confusion and its curves."""
    section(
        "When to raise the alarm",
        "All beats of 22 test patients, one of whom was also in training. Move the threshold: fewer missed beats cost more "
        "false alarms.",
    )
    threshold = gr.Slider(
        0.01, 0.99, value=0.5, step=0.01, label="Normal or not: alarm where the probability of an abnormal beat is at least"
    )  # fmt: skip
    at_threshold = place(live=True)
    with folded("Every class, every net, for experts"):
        with controls():
            names = [(title, name) for name, title in TITLES.items()]
            which = gr.Radio(names, value=OURS, label="Net", scale=3, min_width=320)
            kind = gr.Radio(list(KINDS), value=KINDS[0], label="Curves", scale=2, min_width=260)
        with columns():
            with gr.Column(scale=5, min_width=300):
                counts = place()
            with gr.Column(scale=4, min_width=300):
                curves = place()
    return which, kind, threshold, Scores(counts, curves, at_threshold)
