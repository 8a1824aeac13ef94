"""Denoising: hear a noisy voice, what a net lets through and what it takes away, see both, and measure them."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import torch

from demos._ui.panels import card_text, note, on_visit, section, spoken, training_panel
from demos._ui.pictures import painted
from demos._ui.sound import power, recorder
from demos.denoising import live, measures, mixing, nets
from demos.denoising.explain import kept_by_frequency, kept_chart, loudest_second, reach, reach_chart
from demos.denoising.live import Listening, microphone
from demos.denoising.nets import (
    OURS,
    SHIPPED,
    UNTRAINED,
    WEIGHTS,
    YOURS,
    Denoised,
    Own,
    Sound,
    at_home,
    denoise,
    trained,
)
from demos.denoising.players import deck, players
from models._checkpoint import CheckpointDamaged, CheckpointMissing, shared
from models.denoiser import RecurrentDenoiser
from signals import audio
from training.data.mixtures import KINDS, SNRS_DB
from training.recipes.denoiser_gru import recipe

LIMITS = (
    "English speech near a microphone, one voice at a time, below 8 kHz. Music, singing and several voices at once are "
    "taken for noise in part; a second voice is not removed. It does not undo clipping, echo or a bad telephone line, and "
    "where the noise is far louder than the voice it leaves holes. Not for evidence: what it lets through can be altered."
)
LONG_SECONDS = 30.0
"""From here on the page says beforehand how long the work will take."""
ANSWER: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "answer", "concurrency_limit": 2}
LIVE: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "live", "concurrency_limit": 4}
Answer = tuple[Any, ...]


def opened(path: str | None) -> Sound:
    """A visitor's file or recording as a sound; ValueError in a sentence where it cannot be read."""
    if not path:
        raise ValueError("There is no recording yet: choose a file, or press the red button and speak.")
    return Sound(audio.read(path, max_seconds=nets.MAX_SECONDS), "Your recording")


def answer(sound: Sound, method: str, weights: str, own: Own | None) -> Iterator[Answer]:
    """Denoise a sound: gives the sound, the result, the players' value, the figures, and where to look for reasons.

    The figures come twice: at once, and again when PESQ and STOI are measured. Longer recordings say beforehand how
    long they will take.
    """
    if sound.wave.seconds > LONG_SECONDS:
        yield sound, gr.skip(), gr.skip(), _waiting(sound.wave.seconds), gr.skip(), gr.skip()
    result = denoise(sound, method, weights, own)
    readings, known = measures.read(result), sound.clean_T is not None and bool(sound.clean_T.any())
    rest = shown(result)
    yield sound, result, rest[0], measures.readout(result, readings, waiting=known), *rest[1:]
    if known:
        figures = measures.readout(result, measures.read(result, perceptual=True))
        yield sound, result, rest[0], figures, *rest[1:]


def shown(result: Denoised) -> tuple[dict[str, Any], Any, str]:
    """The players' value, the slider of moments set to the loudest, and what was kept by frequency."""
    moment = gr.update(
        maximum=max(0.1, round(result.sound.wave.seconds, 2)), value=round(loudest_second(result.at_16_khz[1]), 2)
    )
    return deck(result), moment, kept(result)


def answer_mixture(
    speech: str, noise: str, snr_db: float, method: str, weights: str, own: Own | None
) -> Iterator[Answer]:
    """Mix clean speech and noise at a ratio in dB, denoise the sum, and measure the result against the truth."""
    yield from answer(mixing.mixture(speech, noise, snr_db), method, weights, own)


def answer_file(path: str | None, method: str, weights: str, own: Own | None) -> Iterator[Answer]:
    """Denoise a sound file of any rate, depth and number of channels, at its own rate."""
    yield from answer(opened(path), method, weights, own)


def answer_again(sound: Sound | None, method: str, weights: str, own: Own | None) -> Iterator[Answer]:
    """The sound that is there already, by another method."""
    if sound is None:
        return
    yield from answer(sound, method, weights, own)


def answer_live(heard: Denoised | None) -> Answer:
    """What was heard live and what the net made of it, into the players."""
    if heard is None:
        raise ValueError("Nothing was heard. Press the microphone, allow it, and speak.")
    value, moment, curve = shown(heard)
    return heard.sound, heard, value, measures.readout(heard, measures.read(heard)), moment, curve


def listen(
    chunk: dict[str, Any] | None, listening: Listening | None, method: str, weights: str, own: Own | None
) -> tuple[Listening | None, Denoised | None, Any]:
    """One chunk of a visitor's microphone through the net; trouble goes back to the live desk, which says it and stops."""
    chunk = chunk or {}
    try:
        x_T = live.samples(chunk)
        if chunk.get("first") or listening is None:
            listening = Listening(_live_net(method, weights, own), int(chunk["rate"]))
        heard = listening.hear(x_T, last=bool(chunk.get("last")))
        result = listening.finished("Your microphone", method, weights) if chunk.get("last") else None
    except (ValueError, CheckpointMissing, CheckpointDamaged) as error:
        return None, None, gr.HTML(heard={"n": chunk.get("n", 0), "error": str(error)})
    update = gr.HTML(heard=live.answered(listening, heard, chunk))
    return (None if result else listening), result, update


def _live_net(method: str, weights: str, own: Own | None) -> Any:
    if method in nets.CLASSICAL:
        raise ValueError(f"{method} needs the whole recording or long stretches of it. Choose a net to listen live.")
    return nets.net(method, weights, own)


def compare(sound: Sound | None) -> Iterator[str]:
    """Every method on the sound that is there, as one table."""
    if sound is None:
        raise ValueError("There is nothing to compare on yet: choose an example first.")
    yield note("Measuring the first method …")
    yield from measures.compared(sound)


def warm() -> None:
    """On opening the tab: bring in what the first answer needs (the net, PESQ and STOI), while the visitor still looks."""
    threading.Thread(target=_warm, daemon=True, name="denoising-warm").start()


def _warm() -> None:
    example = mixing.examples()[0]
    try:
        result = denoise(mixing.mixture(example.speech, example.noise, example.snr_db), next(iter(nets.nets())))
        measures.read(result, perceptual=True)
    except (CheckpointMissing, CheckpointDamaged):
        return  # the first answer will say it


def kept(result: Denoised) -> str:
    """What was kept by frequency, as a chart."""
    noisy_T, denoised_T, clean_T = result.at_16_khz
    reference_T = denoised_T if clean_T is None or not clean_T.any() else clean_T
    return kept_chart(*kept_by_frequency(noisy_T, denoised_T, reference_T))


def explain(result: Denoised | None, at_seconds: float, own: Own | None) -> str:
    """Which input the answer at one moment goes back to, as a chart."""
    if result is None:
        raise ValueError("There is nothing to explain yet: choose an example first.")
    if result.method in nets.CLASSICAL:
        return note(f"{result.method} is no net and has no gradients. Choose a net to see what a frame goes back to.")
    return reach_chart(reach(nets.net(result.method, result.weights, own), result.at_16_khz[0], at_seconds))


def explain_loudest(result: Denoised | None, own: Own | None) -> str:
    """`explain` for the loudest moment, with trouble told in the chart's place: nobody has asked for it by a click."""
    try:
        return explain(result, loudest_second(result.at_16_khz[1]) if result else 0.0, own)
    except ValueError as error:
        return note(str(error))


# What the page shows


def begin() -> str:
    return note("Choose an example, or mix your own. The figures come here.")


def _waiting(seconds: float) -> str:
    return (
        f'<div class="wl-working"><p class="wl-note">Denoising {seconds:.0f} s of sound: about {max(1, round(seconds * EXPECTED))} s of work …</p>'
        f'<div><i style="animation-duration:{max(1.0, seconds * EXPECTED):.0f}s"></i></div></div>'
    )


EXPECTED = 0.08
"""Seconds of work, files and pictures included, for a second of sound, of which the page warns."""


def by_ratio_and_noise() -> str:
    """The shipped net's mean gains on the test set, by how it was mixed and by kind of noise, from its evidence."""
    try:
        evidence = shared(RecurrentDenoiser, recipe.name).evidence
    except (CheckpointMissing, CheckpointDamaged):
        return ""  # the card has said it
    rows = [(f"{snr:.0f} dB".replace("-", "−"), evidence["mixed_snr_db"] == snr) for snr in SNRS_DB]
    by_ratio = _table("Mixed at", rows, evidence)
    rows = [(kind.replace("_", " "), evidence["kind"] == i) for i, kind in enumerate(KINDS)]
    rows.sort(key=lambda row: -_mean(evidence["si_sdr_gain_db"], row[1]))
    return f'<div class="wl-pair-tables">{by_ratio}{_table("Noise", rows, evidence)}</div>'


def _table(title: str, rows: list[tuple[str, torch.Tensor]], evidence: dict[str, torch.Tensor]) -> str:
    measures = [(n, f) for n, f in (("si_sdr_db", ".1f"), ("pesq", ".2f"), ("stoi", ".3f")) if n in evidence]
    names = {"si_sdr_db": "SI-SDR, dB", "pesq": "PESQ", "stoi": "STOI"}
    body = ""
    for name, chosen_B in rows:
        if not chosen_B.any():
            continue
        cells = "".join(
            f"<td>{_mean(evidence[f'before_{m}'], chosen_B):{f}} → <b>{_mean(evidence[m], chosen_B):{f}}</b></td>"
            for m, f in measures
        )
        cells = cells.replace("-0.0 ", "0.0 ").replace("-", "−")
        body += f'<tr><th scope="row">{name}</th>{cells}<td>{int(chosen_B.sum())}</td></tr>'
    head = "".join(f'<th scope="col">{c}</th>' for c in (title, *(names[m] for m, _ in measures), "n"))
    return f'<div class="wl-scroll"><table class="wl-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _mean(values_B: torch.Tensor, chosen_B: torch.Tensor) -> float:
    return values_B[chosen_B].double().mean().item() if chosen_B.any() else float("-inf")


def weights_after(own: Own | None) -> tuple[Any, Any, str]:
    """After “use this model here” the visitor's own net is chosen; after “back”, the shipped one, and no choice is left."""
    weights = gr.update(value=SHIPPED if own is None else YOURS, visible=own is not None)
    return gr.update() if own is None else gr.update(value=nets.TITLES[OURS]), weights, before_and_after(own)


def before_and_after(own: Own | None) -> str:
    if own is None:
        return note(
            "Train for a minute, press “Use this model here”, and hear the same sound before and after its training."
        )
    return note(
        f"Your net, after {own.seconds:.0f} s of training, answers above now. Under “Weights” you can go back to what it was "
        f"before its first step (“{UNTRAINED}”), and to the shipped one: the players keep their place."
    )


def build(tab: gr.Tab) -> None:
    own, sound = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    result, listening = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=600)
    titles, examples = nets.methods(), mixing.examples()

    with gr.Tabs(elem_classes="wl-inputs"):
        with gr.Tab("Mixing desk"):
            with gr.Row(elem_classes="wl-examples"):
                buttons = [gr.Button(e.name, size="sm", min_width=120) for e in examples]
            with gr.Row(elem_classes="wl-controls"):
                speech = gr.Dropdown(list(mixing.speeches()), value=examples[0].speech, label="Speech", min_width=220)
                noise = gr.Dropdown(list(mixing.noises()), value=examples[0].noise, label="Noise", min_width=220)
                snr_db = gr.Slider(
                    mixing.LOWEST_DB, mixing.HIGHEST_DB, value=examples[0].snr_db, step=1,
                    label="Speech over noise (SNR), dB", min_width=260,
                )  # fmt: skip
            gr.HTML(note(mixing.sources_in_words()), apply_default_css=False, elem_classes="wl-line")
        with gr.Tab("File or microphone"):
            path = recorder(label="A recording", elem_classes="wl-recorder")
            gr.HTML(
                note(
                    f"WAV, FLAC, OGG, MP3 or AIFF, any rate, depth and number of channels; at most "
                    f"{nets.MAX_SECONDS / 60:.0f} minutes and 20 MB. It is deleted from the server within three hours."
                ),
                apply_default_css=False,
            )
        with gr.Tab("Live"):
            mic = microphone()
    with gr.Row(elem_classes="wl-controls wl-methods"):
        method = gr.Radio(titles, value=titles[0], label="Taken out by", scale=5, min_width=320)
        weights = gr.Radio(list(WEIGHTS), value=SHIPPED, label="Weights", visible=False, scale=2, min_width=200)
    frames = gr.HTML(note(nets.in_words(titles[0])), apply_default_css=False, elem_classes="wl-line")
    figures = gr.HTML(begin(), apply_default_css=False, elem_classes="wl-live")
    instrument = players()

    section("All methods on this sound", "Every net and the classical methods, measured on what is in the players now.")
    with gr.Row(elem_classes="wl-controls"):
        compare_all = gr.Button("Compare all", min_width=160, scale=0)
    comparison = gr.HTML("", apply_default_css=False)

    section(
        "Why",
        "How much of the energy is kept at each frequency; and, for one moment of the answer, the input that its loudness "
        "goes back to, by integrated gradients: how far back the net listens.",
    )
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=300):
            curve = gr.HTML(note("Choose an example first."), apply_default_css=False)
        with gr.Column(scale=1, min_width=300):
            reasons = gr.HTML(note("Choose an example first."), apply_default_css=False)
            with gr.Row(elem_classes="wl-controls"):
                moment = gr.Slider(0, 10, value=0, step=0.01, label="Moment of the answer, seconds", min_width=220)
                here = gr.Button("At the playhead", size="sm", min_width=120, scale=0)

    section("How good is it")
    on_visit(lambda: card_text(recipe, LIMITS) + by_ratio_and_noise())

    section(
        "Train it yourself",
        "The recurrent net from random weights, in your own session. A minute is enough to hear the difference.",
    )
    uses = training_panel(recipe, use=trained, state=own, seconds=60, choose=at_home)
    difference = gr.HTML(before_and_after(None), apply_default_css=False)

    chosen = [method, weights, own]
    outputs = [sound, result, instrument, figures, moment, curve]
    explaining: dict[str, Any] = {"fn": spoken(explain_loudest), "inputs": [result, own], "outputs": reasons}

    def answering(trigger: Any, handler: Callable[..., Any], inputs: list[Any], **options: Any) -> None:
        gr.on(
            trigger, spoken(handler), [*inputs, *chosen], outputs, trigger_mode="always_last", **ANSWER, **options
        ).success(**explaining, api_visibility="private", **ANSWER)

    desk = [speech, noise, snr_db]
    answering(
        [speech.input, noise.input, snr_db.release], answer_mixture, desk,
        api_name="denoise_mixture", api_description=answer_mixture.__doc__,
    )  # fmt: skip
    for button, example in zip(buttons, examples, strict=True):
        button.click(
            lambda example=example: example[1:], None, desk,
            queue=False, show_progress="hidden", api_visibility="private",
        ).then(spoken(answer_mixture), [*desk, *chosen], outputs, api_visibility="private", **ANSWER).success(
            **explaining, api_visibility="private", **ANSWER
        )  # fmt: skip
    answering(
        [path.upload, path.stop_recording], answer_file, [path],
        api_name="denoise_file", api_description=answer_file.__doc__,
    )  # fmt: skip
    answering([method.input, weights.input], answer_again, [sound], api_name="denoise_again")
    method.change(
        lambda title: note(nets.in_words(title)), method, frames,
        queue=False, show_progress="hidden", api_visibility="private",
    )  # fmt: skip

    mic.input(
        spoken(listen), [mic, listening, *chosen], [listening, result, mic], trigger_mode="multiple",
        api_visibility="private", **LIVE,
    )  # fmt: skip
    mic.stop(spoken(answer_live), result, outputs, api_visibility="private", **ANSWER).success(
        **explaining, api_visibility="private", **ANSWER
    )
    tab.select(warm, None, None, queue=False, show_progress="hidden", api_visibility="private")
    compare_all.click(spoken(compare), sound, comparison, api_name="compare_denoisers", **ANSWER)
    moment.release(spoken(explain), [result, moment, own], reasons, api_name="explain_denoising", **ANSWER)
    here.click(
        None, None, moment, js="() => Number(document.querySelector('.wl-scrub').value)", api_visibility="private"
    ).then(spoken(explain), [result, moment, own], reasons, api_visibility="private", **ANSWER)
    uses.change(
        weights_after, own, [method, weights, difference],
        queue=False, show_progress="hidden", api_visibility="private",
    ).then(spoken(answer_again), [sound, *chosen], outputs, api_visibility="private", **ANSWER).success(
        **explaining, api_visibility="private", **ANSWER
    )  # fmt: skip


def thumbnail() -> str:
    """For the home page: a voice in a hiss, and the same voice."""
    example = mixing.mixture(next(iter(mixing.VOICES)), "White noise", 5)
    assert example.clean_T is not None
    strips = []
    for x_T in (example.wave.x_T, example.clean_T):
        level_FN = audio.decibels(power(x_T[: int(2.5 * audio.RATE_HZ)], audio.RATE_HZ, columns=150))[:160]
        strips.append(f'<img class="wl-strip-half" alt="" src="{painted(level_FN, low=-75, high=-20)}">')
    return "".join(strips)
