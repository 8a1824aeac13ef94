"""Heartbeats: an ECG on its paper, every beat judged by four nets, and what each of them looked at."""

import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
import numpy as np

from demos._ui.demo import spoken
from demos._ui.panels import card_text, note, on_visit, section, training_panel
from demos.heartbeats.nets import HOW, NETS, Reading, heats, judge, matched, net, rhythm_share
from demos.heartbeats.scores import counts_text, curves, finding_text, lesson_text, threshold_text
from demos.heartbeats.strip import TRUTH, Row, class_bars, heat_beat, strip
from models._checkpoint import shared
from models.ecg import BeatNet
from signals import ecg, ecg_files
from signals.ecg import CLASSES, NAMES, RATE_HZ
from signals.ecg_files import Lead
from signals.synthetic_ecg import simulate
from training._run import Run
from training.data import mitbih
from training.recipes import ecg as ecg_recipe

LIMITS = (
    "One lead, of adults, of one hospital of the seventies, with R peaks where the annotators put them. F (fusion) and Q "
    "beats are never found: nearly all of F’s training beats are one patient’s, and Q has eight. Another recorder, electrode or "
    "population will do worse."
)
WINDOW_SECONDS = 30
EXAMPLES: dict[str, dict[str, Any]] = {
    "A regular rhythm": {"pattern": ("N",)},
    "Early beats": {"pattern": ("N", "N", "N", "N", "S"), "seed": 2},
    "Ventricular beats": {"pattern": ("N", "N", "N", "N", "N", "V"), "seed": 3},
    "Bigeminy, noisy": {"pattern": ("N", "V"), "beats_per_minute": 84, "noise_mv": 0.08, "drift_mv": 0.4, "seed": 4},
}


# Handlers


def show_example(name: str, turned: bool, own: BeatNet | None) -> tuple[Any, ...]:
    """Simulate one of the examples (seeded) and judge its beats."""
    made = simulate(WINDOW_SECONDS, **EXAMPLES[name])
    lead = Lead(made.x_T, f"{name}, simulated by the project: no heart beats so tidily")
    return shown(judge(_turned(lead, turned), own=own, truth=(made.r_B, made.class_B)))


def show_record(name: str, turned: bool, own: BeatNet | None) -> tuple[Any, ...]:
    """Judge a whole test record, half an hour; DataMissing where MIT-BIH is not on this machine."""
    it = mitbih.record(name, download=False)
    lead = Lead(it.x_T, f"MIT-BIH {it.name}, {it.lead}")
    return shown(judge(_turned(lead, turned), own=own, truth=(it.r_B, it.class_B)))


def show_files(
    paths: Sequence[str] | None, rate_hz: float | None, turned: bool, own: BeatNet | None
) -> tuple[Any, ...]:
    """Judge an uploaded lead: a text file of one column with its sampling rate, or a WFDB pair (.hea and .dat)."""
    if not paths:
        raise ValueError("Bring a file first: one column of numbers, or a WFDB pair (.hea and .dat).")
    return shown(judge(_turned(ecg_files.read(paths, rate_hz), turned), own=own))


def _turned(lead: Lead, turned: bool) -> Lead:
    return lead.turned_over() if turned else lead


def again(reading: Reading | None, turned: bool, was_turned: bool, own: BeatNet | None) -> tuple[Any, ...]:
    """The lead that is on the paper, judged again: turned over, or by another net."""
    if reading is None:
        return show_example("Ventricular beats", turned, own)
    lead = reading.lead.turned_over() if turned != was_turned else reading.lead
    found = judge(lead, own=own)
    if reading.truth_B is not None:
        found = replace(found, truth_B=matched(found.beats.r_B.numpy(), reading.beats.r_B.numpy(), reading.truth_B))
    return shown(found)


def shown(reading: Reading) -> tuple[Any, ...]:
    """The reading itself, its strip, its words, the slider that moves the paper, and the beat worth looking at."""
    longest = max(0, int(np.ceil(reading.lead.seconds - WINDOW_SECONDS)))
    first = interesting(reading)
    slider = gr.update(value=0, maximum=max(longest, 1), visible=longest > 0)
    return reading, paper(reading, 0, first), summary_text(reading), slider, first, *look(reading, first, HOW[0])


def interesting(reading: Reading) -> int:
    """The first beat of the first window that is not normal, or the third."""
    inside = reading.beats.r_B < WINDOW_SECONDS * RATE_HZ
    unusual = ((reading.p["ecg"].argmax(1) != 0) & inside).nonzero().flatten()
    return int(unusual[0]) if len(unusual) else min(2, len(reading.beats.r_B) - 1)


def paper(reading: Reading | None, start: float, chosen: int = -1) -> str:
    """The strip from `start` seconds on."""
    if reading is None:
        return EMPTY
    rows = [Row(NETS[name][0], p_BC.argmax(1).tolist()) for name, p_BC in reading.p.items()]
    if reading.truth_B is not None:
        rows.insert(0, Row(TRUTH, reading.truth_B.tolist()))
    return strip(reading.clean_T, reading.beats.r_B.numpy(), rows, start=start, seconds=WINDOW_SECONDS, chosen=chosen)


def look(reading: Reading | None, i: int, how: str) -> tuple[str, str]:
    """One beat large: for every net its probabilities and what it looked at, and the rhythm that ours heard."""
    if reading is None:
        return "", ""
    i = int(np.clip(i, 0, len(reading.beats.r_B) - 1))
    panels = "".join(_panel(reading, name, i, how) for name in reading.p)
    return beat_text(reading, i), f'<div class="wl-nets">{panels}</div>{rhythm_text(reading, i)}'


def opened(reading: Reading | None, own: BeatNet | None, which: str, kind: str, threshold: float) -> tuple[Any, ...]:
    """Everything below the first view, when the tab is opened; an example on the paper, so that it is not empty."""
    first = show_example("Ventricular beats", False, own) if reading is None else (gr.skip(),) * 7
    return *first, *scores(which, kind, threshold), lesson_text(), finding_text()


def scores(which: str, kind: str, threshold: float) -> tuple[Any, ...]:
    """The test set as the chosen net judged it: confusion, curves, and the binary reading at a threshold."""
    evidence = shared(NETS[which][1], which).evidence
    return counts_text(evidence, NETS[which][0]), *curves(evidence, kind), threshold_text(evidence, threshold)


def read_at(which: str, threshold: float) -> str:
    """Normal against abnormal at a threshold on the probability of an abnormal beat: precision, recall, specificity, F1."""
    return threshold_text(shared(NETS[which][1], which).evidence, threshold)


def trained(run: Run[BeatNet]) -> BeatNet:
    """The best net of a visitor's run."""
    return run.finished()


# What the page shows


EMPTY = note(
    "Choose an example, a test record or a file of your own: the strip appears here, every beat with its letter."
)


def summary_text(reading: Reading) -> str:
    """How many beats of which class each net found, the heart rate, and whatever was noticed about the lead."""
    r_B = reading.beats.r_B
    rate = 60 * RATE_HZ * (len(r_B) - 1) / int(r_B[-1] - r_B[0])
    lines = [(NETS[name][0], p_BC.argmax(1).numpy()) for name, p_BC in reading.p.items()]
    if reading.truth_B is not None:
        lines.insert(0, (TRUTH, reading.truth_B))
    head = "".join(f'<th scope="col" class="wl-c{c}">{c}</th>' for c in CLASSES)
    rows = "".join(
        f"<tr><th scope='row'>{name}</th>{''.join(f'<td>{n or 0}</td>' for n in np.bincount(class_B[class_B >= 0], minlength=5))}</tr>"
        for name, class_B in lines
    )
    length = reading.lead.seconds
    long = f"{length / 60:.0f} min" if length >= 120 else f"{length:.0f} s"
    said = "".join(f"<p>{html.escape(remark)}</p>" for remark in reading.remarks)
    return (
        f'<div class="wl-readouts"><div><b>{len(r_B):,}</b><span>beats in {long}</span></div>'
        f"<div><b>{rate:.0f}</b><span>beats per minute, mean</span></div>"
        f"<div><b>{1000 * reading.seconds:.0f}</b><span>ms on this machine, all nets</span></div></div>"
        f'<p class="wl-note">{html.escape(reading.lead.title)}.</p>{f"<div class=wl-remarks role=status>{said}</div>" if said else ""}'
        f'<div class="wl-scroll"><table class="wl-confusion wl-beats"><caption>Beats of each class, all nets side by side</caption>'
        f"<tr><td></td>{head}</tr>{rows}</table></div>"
    )


def beat_text(reading: Reading, i: int) -> str:
    """The chosen beat in words."""
    k = int(reading.p["ecg"][i].argmax())
    letters = {NETS[name][0]: CLASSES[int(p_BC[i].argmax())] for name, p_BC in reading.p.items()}
    agree = len(set(letters.values())) == 1
    others = "All nets agree" if agree else "The nets differ: " + ", ".join(f"{n} {c}" for n, c in letters.items())
    truth = ""
    if reading.truth_B is not None and reading.truth_B[i] >= 0:
        truth = f" In truth it is {CLASSES[reading.truth_B[i]]}."
    at = int(reading.beats.r_B[i]) / RATE_HZ
    return (
        f'<div class="wl-answer wl-beat-answer"><div class="wl-digit wl-c{CLASSES[k]}">{CLASSES[k]}</div><div>'
        f"<p><b>{NAMES[CLASSES[k]]}</b></p><p>Beat {i + 1} of {len(reading.beats.r_B):,}, at {at:.2f} s. {others}.{truth}</p></div></div>"
    )


def _panel(reading: Reading, name: str, i: int, how: str) -> str:
    model = reading.models.get(name) or net(name)
    p_C = reading.p[name][i]
    k = int(p_C.argmax())
    seen = heats(name, model, reading.beats, i, k, how)
    label = "attention of its heads" if len(seen) > 1 else how
    title = f"{NETS[name][0]}: {CLASSES[k]}, {label}"
    if name == "ecg":
        x_CT = reading.beats.context_BCT[i].numpy()
        t = np.arange(-ecg.AROUND, ecg.AROUND) / (RATE_HZ / 2)
        picture = heat_beat(x_CT[0], t, seen, title=title, usual_T=x_CT[0] - x_CT[1])
    else:
        t = np.arange(-ecg.ALONE // 2, ecg.ALONE // 2) / RATE_HZ
        picture = heat_beat(reading.beats.alone_B1T[i, 0].numpy(), t, seen, title=title)
    return f"<div>{picture}{class_bars(p_C.tolist())}</div>"


def rhythm_text(reading: Reading, i: int) -> str:
    """The intervals around the beat, and which of them moved ours."""
    model = reading.models.get("ecg") or net("ecg")
    k = int(reading.p["ecg"][i].argmax())
    ranked = sorted(rhythm_share(model, reading.beats, i, k), key=lambda item: -abs(item[1]))[:4]
    before, after, mean = (float(reading.beats.rhythm_BF[i, j].exp()) for j in range(3))
    moved = ", ".join(f"{name} {value:+.2f}" for name, value in ranked)
    return note(
        f"Rhythm: {1000 * before:.0f} ms before this beat, {1000 * after:.0f} ms after it, {1000 * mean:.0f} ms on average over the ten "
        f"before. What moved the first net’s score of {CLASSES[k]} most, in logits, by integrated gradients: {moved}. The dashed "
        "line is the patient’s usual beat, which only that net knows. Heat is scaled to its own highest point in each picture."
    )


STRIP_SCRIPT = """
const choose = (target) => {
  const beat = target.closest && target.closest('[data-beat]');
  if (!beat) return false;
  element.querySelectorAll('.wl-chosen').forEach((b) => b.classList.remove('wl-chosen'));
  beat.classList.add('wl-chosen');
  trigger('click', {beat: Number(beat.dataset.beat)});
  return true;
};
element.addEventListener('click', (event) => choose(event.target));
element.addEventListener('keydown', (event) => {
  if ((event.key === 'Enter' || event.key === ' ') && choose(event.target)) event.preventDefault();
});
"""


def chosen(reading: Reading | None, how: str, event: gr.EventData) -> tuple[Any, ...]:
    """The beat that was clicked on the strip, large."""
    i = int(event._data.get("beat", 0)) if isinstance(event._data, dict) else 0
    return i, *look(reading, i, how)


def stepped(by: int) -> Callable[..., tuple[Any, ...]]:
    """The beat before or after the one that is shown."""

    def step(reading: Reading | None, i: int, how: str) -> tuple[Any, ...]:
        i = int(np.clip(i + by, 0, len(reading.beats.r_B) - 1)) if reading else 0
        return i, *look(reading, i, how)

    return step


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    beat, was_turned = gr.State(0), gr.State(False)
    gr.HTML(
        note("Not a medical device: nothing on this page may guide a diagnosis or a treatment."),
        apply_default_css=False,
    )
    with gr.Row(elem_classes="wl-controls wl-examples"):
        examples = [gr.Button(name, size="sm", min_width=110) for name in EXAMPLES]
    with gr.Row(equal_height=False, elem_classes="wl-controls"):
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

    sheet = gr.HTML(
        EMPTY, html_template="${value}", js_on_load=STRIP_SCRIPT, apply_default_css=False, label="ECG strip"
    )
    start = gr.Slider(0, 1, value=0, step=10, label="Paper from, seconds", visible=False)
    summary = gr.HTML("", apply_default_css=False)

    section(
        "One beat, four nets",
        "Click a beat on the strip, or step through them. The first net sees a second of ECG, the patient’s usual beat and the "
        "rhythm; the other three see the beat alone, as in the course work.",
    )
    with gr.Row(elem_classes="wl-controls"):
        back = gr.Button("Beat before", size="sm", min_width=100)
        forth = gr.Button("Beat after", size="sm", min_width=100)
        how = gr.Radio(list(HOW), value=HOW[0], label="Explain all but the attention net by", scale=3, min_width=300)
    words = gr.HTML("", apply_default_css=False)
    large = gr.HTML("", apply_default_css=False)

    section(
        "On the test set",
        "The beats of 22 patients, one of whom was also in training. The scores are stored with each net; the ECGs are not.",
    )
    names = [(label, name) for name, (label, _) in NETS.items()]
    with gr.Row(elem_classes="wl-controls"):
        which = gr.Radio(names, value="ecg", label="Net", scale=3, min_width=320)
        kind = gr.Radio(
            ["Precision and recall", "ROC"], value="Precision and recall", label="Curves", scale=2, min_width=260
        )
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=300):
            counts = gr.HTML("", apply_default_css=False)
        with gr.Column(scale=4, min_width=300):
            plot = gr.Plot(label="One class against the rest", show_label=False)
            areas = gr.HTML("", apply_default_css=False)
    threshold = gr.Slider(
        0.01,
        0.99,
        value=0.5,
        step=0.01,
        label="Normal or not: alarm where the probability of an abnormal beat is at least",
    )
    reading_at = gr.HTML("", apply_default_css=False, elem_classes="wl-live")

    section("Two lessons", "How the beats are split decides what the number means; and a finding is worth testing.")
    lesson, finding = gr.HTML("", apply_default_css=False), gr.HTML("", apply_default_css=False)

    section("How good is it")
    on_visit(lambda: card_text(ecg_recipe.recipe, LIMITS))

    section(
        "Train it yourself", "The first net again from random weights, in your own session. Nothing is written to disk."
    )
    uses = training_panel(ecg_recipe.recipe, use=trained, state=own, seconds=60)

    show = {"concurrency_id": "answer", "concurrency_limit": 2}
    quiet_show: dict[str, Any] = {**show, "show_progress": "hidden"}
    strip_parts = [reading, sheet, summary, start, beat, words, large]
    remember = {
        "fn": lambda turned: turned,
        "inputs": turn,
        "outputs": was_turned,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    for button in examples:
        button.click(
            spoken(partial(show_example, button.value)), [turn, own], strip_parts, api_visibility="private", **show
        ).success(**remember)
    take.click(
        spoken(show_record),
        [record, turn, own],
        strip_parts,
        api_name="judge_record",
        api_visibility="undocumented",
        **show,
    ).success(**remember)
    files.upload(
        spoken(show_files),
        [files, rate, turn, own],
        strip_parts,
        api_name="judge_ecg",
        api_description=show_files.__doc__,
        **show,
    ).success(**remember)
    turn.input(spoken(again), [reading, turn, was_turned, own], strip_parts, api_visibility="private", **show).success(
        **remember
    )
    start.release(spoken(paper), [reading, start], sheet, api_visibility="private", **quiet_show)
    looked = [beat, words, large]
    sheet.click(spoken(chosen), [reading, how], looked, api_visibility="private", **quiet_show)
    back.click(spoken(stepped(-1)), [reading, beat, how], looked, api_visibility="private", **quiet_show)
    forth.click(spoken(stepped(1)), [reading, beat, how], looked, api_visibility="private", **quiet_show)
    how.input(spoken(look), [reading, beat, how], [words, large], api_visibility="private", **quiet_show)
    gr.on(
        [which.input, kind.input],
        spoken(scores),
        [which, kind, threshold],
        [counts, plot, areas, reading_at],
        api_visibility="private",
        **quiet_show,
    )
    gr.on(
        [threshold.input], spoken(read_at), [which, threshold], reading_at, trigger_mode="always_last",
        api_name="binary_reading", api_description=read_at.__doc__, **quiet_show,
    )  # fmt: skip
    tab.select(
        spoken(opened), [reading, own, which, kind, threshold],
        [*strip_parts, counts, plot, areas, reading_at, lesson, finding], api_visibility="private", **quiet_show,
    )  # fmt: skip
    uses.change(spoken(again), [reading, turn, was_turned, own], strip_parts, api_visibility="private", **quiet_show)


def thumbnail() -> str:
    """For the home page: two normal beats and a ventricular one."""
    made = simulate(4.2, pattern=("N", "N", "V", "N"), noise_mv=0.005, drift_mv=0, seed=5)
    x_T = made.x_T[60:1500:3]
    points = " ".join(f"{300 * i / len(x_T):.1f},{52 - 34 * v:.1f}" for i, v in enumerate(x_T))
    return (
        '<svg class="wl-card-ecg" viewBox="0 0 300 84" preserveAspectRatio="xMidYMid meet">'
        f'<polyline points="{points}"/></svg>'
    )
