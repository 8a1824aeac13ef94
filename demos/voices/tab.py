"""Voices: do two recordings come from one person? A similarity, a decision with its error rates, and what drove it."""

import html
import json
import random
import time
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from torch import Tensor

from demos._ui.panels import card_text, note, on_visit, per_cent, section, spoken, training_panel
from demos._ui.sound import player, recorder, spectrogram, spectrogram_figure
from demos.voices import nets
from demos.voices.figures import det_figure, map_text, scale, verdict
from demos.voices.nets import EXAMPLES, MOST_ENROLLED, NETS, OURS, RECIPES, Enrolled, Heard, Net, chosen, heard, scores
from models.speaker import embedding
from signals import synthetic
from training._recipe import Recipe
from training._table import RESULTS
from training.recipes import speaker, speaker_siamese

MEASURED = RESULTS / "voices.json"
PAIRS = {
    "One voice, two sentences": ("ada-first", "ada-second"),
    "Two voices, one sentence": ("dan-first", "bea-first"),
    "Two voices that are close": ("dan-first", "eli-second"),
}
PRIVACY = (
    "Nothing is stored and nothing leaves the machine that serves this page. Recordings lie in Gradio's cache, which is "
    "emptied within hours; enrolled voices live in your session alone, as a row of numbers, and go with it."
)
SECURITY = (
    "Not for security: this is no authentication system. It errs as often as the curve below says, a played recording "
    "fools it, and nobody has tested it against somebody who tries."
)
LIMITS = (
    "Speech of 2 s and more, one voice at a time. It has no “not a voice” answer: music gets a score too. AN4's speakers "
    "were probably recorded in one session each, so that the room helps; across telephones, colds and years it will do "
    "worse, and recordings from elsewhere than AN4, the synthetic examples among them, resemble one another in its ears: "
    "raise the threshold for them. With noise behind a voice it fails (see the table). "
    "Not for security, and not for any decision about a person."
)


def compare(
    name: str, own: Net | None, a: str | None, b: str | None, threshold: float
) -> tuple[str, tuple[float, str] | None]:
    """Compare the voices in two recordings (files at any rate).

    Gives the similarity on the scale of the test trials with the decision at `threshold`, as HTML, and the similarity.
    """
    if not a and not b:
        return EMPTY_ANSWER, None
    net = chosen(name, own)
    began = time.perf_counter()
    first, second = heard(a, "Recording A"), heard(b, "Recording B")
    score = nets.similarity(net, first, second)
    milliseconds = 1000 * (time.perf_counter() - began)
    facts = f"{first.seconds:.1f} s and {second.seconds:.1f} s of sound, {milliseconds:.0f} ms on this machine, {_whose(net)}"
    told = [f"{which}: {text}." for which, h in (("A", first), ("B", second)) for text in h.notes]
    words = " ".join([facts + ".", *told])
    return verdict(net, threshold, score, words), (score, words)


def decide(name: str, own: Net | None, found: tuple[float, str] | None, threshold: float) -> tuple[str, str, Any]:
    """The decision, both error rates and the curve at another threshold."""
    net = chosen(name, own)
    answer = EMPTY_ANSWER if found is None else verdict(net, threshold, *found)
    return answer, rates_text(net, threshold), det_figure({net.name: scores(net)}, scores(net).errors(threshold))


def explain(name: str, own: Net | None, a: str | None, b: str | None) -> str:
    """Both spectrograms, and below each what in it spoke for likeness, as HTML."""
    if not a or not b:
        return note("Two recordings are needed to see what drove their similarity.")
    net = chosen(name, own)
    both = {"A": heard(a, "Recording A"), "B": heard(b, "Recording B")}
    voice = {which: embedding(net.model, h.x_T) for which, h in both.items()}
    parts = []
    for which, other in (("A", "B"), ("B", "A")):
        x_T, title = both[which].x_T, f"Recording {which}"
        z_FN = nets.reasons(net, x_T, voice[other])
        why = nets.reason_picture(net, z_FN, seconds=both[which].seconds, name=title)
        parts.append(
            f"<div>{spectrogram_figure(spectrogram(x_T, 16_000, name=title), title=f'{title}, 0 to 8 kHz over seconds')}"
            f"{spectrogram_figure(why, title='What in it spoke for likeness')}</div>"
        )
    return f'<div class="wl-two">{"".join(parts)}</div>'


def enrol(
    name: str, own: Net | None, enrolled: Enrolled | None, recording: str | None, called: str
) -> tuple[Enrolled, str, str]:
    """Remember the voice of a recording under a name, for this session only."""
    net = chosen(name, own)
    h = heard(recording, "The recording")
    after = (enrolled or Enrolled(net.key)).add(called or "", embedding(net.model, h.x_T), net)
    return (
        after,
        enrolled_text(after),
        map_text(net, dict(zip(after.names, nets.place(net, after.mean()), strict=True))),
    )


def identify(
    name: str, own: Net | None, enrolled: Enrolled | None, recording: str | None, threshold: float
) -> tuple[str, str]:
    """Who of the enrolled speaks in a recording, or that nobody of them is near enough; and all of them on a map."""
    net = chosen(name, own)
    if enrolled is None or not enrolled.voices:
        raise ValueError("Nobody is enrolled yet: name a voice and press “Enrol” first.")
    e_E = embedding(net.model, heard(recording, "The recording").x_T)
    who, score_V = nets.identified(net, enrolled, e_E, threshold)
    places = dict(zip(enrolled.names, nets.place(net, enrolled.mean()), strict=True))
    answer = identity_text(who, enrolled.names, score_V, threshold, scores(net).span)
    return answer, map_text(net, places, own=nets.place(net, e_E[None])[0])


def forget() -> tuple[None, str, str]:
    """Forget every enrolled voice at once."""
    return None, note("Nobody is enrolled. A voice is remembered in your session only."), ""


def clean(name: str, own: Net | None, a: str | None, b: str | None, kind: str, snr_db: float, threshold: float) -> str:
    """Put noise behind recording B, take it out again with the net of the tab Denoising, and compare all three with A."""
    net = chosen(name, own)
    first, second = heard(a, "Recording A"), heard(b, "Recording B")
    versions = {"as it is": second.x_T, f"with {kind} noise at {snr_db:g} dB": nets.noisy(second.x_T, kind, snr_db)}
    if not nets.denoiser_is_here():
        missing = "The tab Denoising has no checkpoint yet, so nothing was cleaned: python -m training fit denoiser_gru"
    else:
        versions["with the noise taken out"] = nets.denoise(list(versions.values())[1])
        missing = ""
    found = {title: nets.similarity(net, first, Heard(x_T)) for title, x_T in versions.items()}
    return cleaning_text(versions, found, threshold, scores(net), missing)


def pair(which: str) -> tuple[Any, Any, str]:
    """Two of the synthetic recordings that ship with the project."""
    first, second = PAIRS[which]
    return (
        nets.example(first),
        nets.example(second),
        note(
            f"Synthetic voices (espeak-ng): {first} and {second}. One synthesiser made them all, and the net hears that before it "
            "hears the voice: it takes them for one person. People recorded in one place fare better: try a test trial."
        ),
    )


def trial() -> tuple[Any, Any, str]:
    """A random trial of AN4's test speakers; DataMissing where they are not on this machine."""
    a, b, words = nets.test_pair(random.random() < 0.5, random.choice)
    return a, b, note(words)


def export(name: str, own: Net | None) -> Any:
    """Every test trial with this net's score, as a CSV file."""
    net = chosen(name, own)
    path = save_bytes_to_cache(nets.trial_table(net).encode(), "voices-trials.csv", get_upload_folder())
    return gr.update(value=path, label="Download voices-trials.csv", interactive=True)


def opened(name: str, own: Net | None, found: tuple[float, str] | None) -> tuple[Any, ...]:
    """The threshold at which both errors are equal, and everything that hangs on it, when the tab is opened."""
    net = chosen(name, own)
    (low, high), threshold = scores(net).span, round(scores(net).equal.threshold, 2)
    return (
        gr.update(minimum=low, maximum=high, value=threshold),
        *decide(name, own, found, threshold),
        map_text(net, {}),
    )


# What the page shows


EMPTY_ANSWER = (
    '<div class="wl-answer wl-none"><div class="wl-digit">–</div><p>Give it two recordings: press an example, record two '
    "sentences, or upload two files. The answer comes by itself.</p></div>"
)


def _whose(net: Net) -> str:
    return "your model" if net.own else f"the shipped model ({net.name.lower()})"


def rates_text(net: Net, threshold: float) -> str:
    """Both error rates at the threshold in large figures."""
    found = scores(net)
    accepted, rejected = found.errors(threshold)
    return (
        f'<div class="wl-readouts"><div><b>{per_cent(accepted)}</b><span>of {len(found.different_P):,} trials of two persons '
        f"are accepted</span></div><div><b>{per_cent(rejected)}</b><span>of {len(found.same_P):,} trials of one person are "
        f"rejected</span></div><div><b>{per_cent(found.equal.rate)}</b><span>of either kind where both are equal, at "
        f"{found.equal.threshold:.2f}</span></div></div>"
    )


def enrolled_text(enrolled: Enrolled) -> str:
    chips = "".join(
        f"<li><b>{html.escape(name)}</b> {n} recording{'s' * (n != 1)}</li>" for name, _, n in enrolled.voices
    )
    return f'<ul class="wl-voices" aria-label="Enrolled voices">{chips}</ul>' + note(
        f"{len(enrolled.voices)} of at most {MOST_ENROLLED}, in your session only."
    )


def identity_text(
    who: str | None, names: list[str], score_V: Tensor, threshold: float, span: tuple[float, float]
) -> str:
    """The name or “unknown” in large letters, and every enrolled voice's score."""
    best, (low, high) = int(score_V.argmax()), span
    said = html.escape(who) if who else "Unknown"
    why = (
        f"{html.escape(names[best])} is nearest, at {score_V[best]:.2f}; the threshold is {threshold:.2f}."
        if who
        else f"Nobody reaches the threshold of {threshold:.2f}; {html.escape(names[best])} comes nearest, at {score_V[best]:.2f}."
    )
    rows = "".join(
        f'<div class="wl-bar wl-voice-bar{" wl-bar-marked" if i == best and who else ""}"><span>{html.escape(name)}</span>'
        f'<i><b style="width:{100 * min(1.0, max(0.0, (score - low) / (high - low))):.1f}%"></b></i><span>{score:.2f}</span></div>'
        for i, (name, score) in enumerate(zip(names, score_V.tolist(), strict=True))
    )
    return f'<div class="wl-decision"><b>{said}</b><p>{why}</p></div><div class="wl-bars">{rows}</div>'


def cleaning_text(
    versions: dict[str, Tensor], found: dict[str, float], threshold: float, trials: Any, missing: str
) -> str:
    """Recording B in each version: its score with A on the scale, a player; and what the cleaning did, in words."""
    values = list(found.values())
    parts = [
        f'<div class="wl-version"><h3>B {html.escape(title)}</h3>{scale(trials, threshold, score, small=True)}'
        f"{player(versions[title] / versions[title].abs().max().clamp(min=1), 16_000, label=f'Recording B {title}')}</div>"
        for title, score in found.items()
    ]
    if missing:
        words = f"The noise moved the similarity from {values[0]:.2f} to {values[1]:.2f}. {missing}"
    else:
        effect = values[2] - values[1]
        verb = "helped" if abs(values[2] - values[0]) < abs(values[1] - values[0]) else "did not help"
        words = (
            f"The noise moved the similarity from {values[0]:.2f} to {values[1]:.2f}, the cleaning by {effect:+.2f} to "
            f"{values[2]:.2f}: here it {verb}. One pair proves nothing; the table below counts all trials."
        )
    return f'<div class="wl-three">{"".join(parts)}</div>{note(words)}'


def cleaning_table() -> str:
    """What `benchmarks/voices.py` measured on AN4's noisy trials, or how to measure it."""
    if not MEASURED.exists():
        return note("Not measured yet: python -m benchmarks.voices")
    kept = json.loads(MEASURED.read_text(encoding="utf-8")).get("cleaning")
    if not kept:
        return note("Not measured yet with a denoiser: python -m benchmarks.voices")
    head = "".join(f"<th scope='col'>{html.escape(column.strip('`'))}</th>" for column in kept["columns"])
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(first)}</th>{''.join(f'<td>{html.escape(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in kept["rows"]
    )
    return (
        f'<div class="wl-scroll"><table class="wl-trials"><caption>{html.escape(kept["caption"])}</caption><tr>{head}</tr>'
        f"{rows}</table></div>{note(kept['words'].replace('`', ''))}"
    )


def to_train(name: str) -> Recipe[Any]:
    """The recipe behind the net that is chosen above."""
    return RECIPES[name]


def cards() -> str:
    """Both nets' cards, ours first."""
    return card_text(speaker.recipe, LIMITS) + "<h3>The course's twins</h3>" + card_text(speaker_siamese.recipe, LIMITS)


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600, delete_callback=None)
    found = gr.State(None, time_to_live=3600)
    enrolled = gr.State(None, time_to_live=3600)
    with gr.Row(equal_height=False, elem_classes="wl-try"):
        with gr.Column(scale=5, min_width=300):
            with gr.Row(equal_height=False):
                a = recorder(label="Recording A", elem_id="voices-a", min_width=240, buttons=[])
                b = recorder(label="Recording B", elem_id="voices-b", min_width=240, buttons=[])
            with gr.Row(elem_classes="wl-controls"):
                pairs = [gr.Button(text, size="sm", min_width=150) for text in PAIRS]
                at_random = gr.Button("A test trial", size="sm", min_width=100)
            shown = gr.HTML(
                note("Examples are synthetic voices (espeak-ng); a test trial is AN4's, where it is here."),
                apply_default_css=False,
            )
            name = gr.Radio(NETS, value=OURS, label="Net")
        with gr.Column(scale=4, min_width=300):
            readout = gr.HTML(EMPTY_ANSWER, apply_default_css=False, elem_classes="wl-live")
            threshold = gr.Slider(-1, 1, value=0.5, step=0.01, label="Threshold: one person, from this similarity on")
    gr.HTML(f'<div class="wl-promise">{note(PRIVACY)}{note(SECURITY)}</div>', apply_default_css=False)

    section(
        "What it costs to be wrong",
        "Every threshold trades one error for the other. The curve shows all of them on AN4's test speakers, whom no "
        "net here has heard; the ring is where both errors are equal, the cross is your threshold.",
    )
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=300):
            curve = gr.Plot(label="Detection error trade-off", show_label=False)
        with gr.Column(scale=4, min_width=300):
            rates = gr.HTML("", apply_default_css=False)
            with gr.Row(elem_classes="wl-controls"):
                prepare = gr.Button("Prepare the list of trials", size="sm", min_width=140)
                download = gr.DownloadButton("Nothing prepared yet", size="sm", interactive=False, min_width=140)

    section(
        "What drove it",
        "The spectrograms of both recordings, and which sounds moved the cosine of the two voices (integrated "
        "gradients, from silence to the recording, over what the net hears).",
    )
    reasons = gr.HTML(note("Two recordings are needed to see what drove their similarity."), apply_default_css=False)

    section(
        "Who is it",
        "Enrol up to eight voices by name, then let the net say whose a new recording is, or that it knows nobody like it.",
    )
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            voice = recorder(label="A recording to enrol or to identify", elem_id="voices-who", buttons=[])
            library = gr.Dropdown(
                sorted(path.stem for path in EXAMPLES.glob("*.flac")), value=None, label="Or a synthetic voice"
            )
            called = gr.Textbox(label="Name", max_lines=1, max_length=24, placeholder="Whose voice is it?")
            with gr.Row(elem_classes="wl-controls"):
                take = gr.Button("Enrol", variant="primary", min_width=80)
                ask = gr.Button("Who is this?", min_width=110)
                drop = gr.Button("Forget everyone", min_width=120)
            members = gr.HTML(forget()[1], apply_default_css=False)
        with gr.Column(scale=5, min_width=300):
            identity = gr.HTML("", apply_default_css=False)
            atlas = gr.HTML("", apply_default_css=False)

    section(
        "Does cleaning help?",
        "Put noise behind recording B, take it out with the net of the tab Denoising, and compare again.",
    )
    with gr.Row(elem_classes="wl-controls"):
        kind = gr.Dropdown(list(synthetic.NOISES), value="white", label="Noise", min_width=140)
        snr_db = gr.Slider(-5, 20, value=5, step=1, label="Signal-to-noise ratio, dB", min_width=220)
        wash = gr.Button("Add noise, clean, compare", min_width=200)
    cleaned = gr.HTML("", apply_default_css=False)
    on_visit(lambda: cleaning_table())

    section("How good is it")
    on_visit(lambda: cards())

    section(
        "Train it yourself", "The net chosen at the top, from random weights, in your own session. Nothing is written."
    )
    uses = training_panel(speaker.recipe, use=nets.trained, state=own, choose=to_train, inputs=[name])

    show: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "answer", "concurrency_limit": 2}
    net = [name, own]
    answering: dict[str, Any] = {"fn": spoken(compare), "inputs": [*net, a, b, threshold], "outputs": [readout, found]}
    explaining: dict[str, Any] = {"fn": spoken(explain), "inputs": [*net, a, b], "outputs": reasons, **show}
    gr.on(
        [a.upload, a.stop_recording, a.clear, b.upload, b.stop_recording, b.clear], **answering,
        trigger_mode="always_last", api_name="compare_voices", api_description=compare.__doc__, **show,
    ).success(**explaining, api_visibility="private")  # fmt: skip
    for button in pairs:
        button.click(spoken(pair), button, [a, b, shown], api_name="example_voices", **show).success(
            **answering, api_visibility="private", **show
        ).success(**explaining, api_visibility="private")
    at_random.click(spoken(trial), None, [a, b, shown], api_name="test_trial", **show).success(
        **answering, api_visibility="private", **show
    ).success(**explaining, api_visibility="private")
    threshold.input(
        spoken(decide), [*net, found, threshold], [readout, rates, curve], trigger_mode="always_last",
        api_name="decide_voices", api_description=decide.__doc__, **show,
    )  # fmt: skip
    prepare.click(spoken(export), net, download, api_name="export_trials", api_description=export.__doc__, **show)
    library.input(
        spoken(nets.example),
        library,
        voice,
        api_name="example_voice",
        api_description=nets.example.__doc__,
        **show,
    )
    take.click(
        spoken(enrol), [*net, enrolled, voice, called], [enrolled, members, atlas], api_name="enrol_voice",
        api_description=enrol.__doc__, **show,
    )  # fmt: skip
    ask.click(
        spoken(identify), [*net, enrolled, voice, threshold], [identity, atlas], api_name="identify_voice",
        api_description=identify.__doc__, **show,
    )  # fmt: skip
    drop.click(spoken(forget), None, [enrolled, members, identity], api_name="forget_voices", **show)
    wash.click(
        spoken(clean), [*net, a, b, kind, snr_db, threshold], cleaned, api_name="clean_voice",
        api_description=clean.__doc__, **show,
    )  # fmt: skip
    arrive: dict[str, Any] = {
        "fn": spoken(opened), "inputs": [*net, found], "outputs": [threshold, readout, rates, curve, atlas],
        "api_visibility": "private", **show,
    }  # fmt: skip
    tab.select(**arrive)
    gr.on([name.input, uses.change], **arrive).success(**answering, api_visibility="private", **show).success(
        **explaining, api_visibility="private"
    )


def thumbnail() -> str:
    """For the home page: two humps on one axis, strangers and one person."""
    return (
        '<svg class="wl-humps" viewBox="0 0 280 120" aria-hidden="true"><path class="wl-hump-two" d="M0 112 C40 112 52 22 84 22 '
        'S128 112 168 112 Z"/><path class="wl-hump-one" d="M112 112 C152 112 172 34 204 34 S244 112 280 112 Z"/></svg>'
    )
