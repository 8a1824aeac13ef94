"""How Heartbeats is laid out: what brings a lead onto the paper, the paper with one of its beats, and the test set."""

from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from demos._ui.html import note
from demos._ui.page import columns, controls, place, section
from demos.heartbeats.nets import GRADCAM, METHODS, OURS, TITLES
from training.data import mitbih

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
