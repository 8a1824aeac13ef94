"""Denoising: hear a noisy voice, what a net lets through and what it takes away, see both, and measure them."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire, sentence
from demos._ui.html import EMPTY, join, note
from demos._ui.nets import Net
from demos._ui.page import how_good, train_it
from demos._ui.pictures import painted, picture
from demos._ui.sound import power
from demos.denoising import live, measures, mixing, nets, players
from demos.denoising.explain import kept_by_frequency, kept_chart, reach, reach_chart
from demos.denoising.layout import (
    WITHIN,
    Answer,
    Chosen,
    Desk,
    Live,
    choose_method,
    choose_sound,
    mixing_desk,
    show_answer,
    show_reasons,
)
from demos.denoising.live import Listening
from demos.denoising.nets import OURS, RECIPES, SHIPPED, YOURS, Denoised, Explainable, Sound, Trained, Upload
from models import CheckpointDamaged, CheckpointMissing
from signals import audio

LIMITS = (
    "English speech near a microphone, one voice at a time, below 8 kHz. Music, singing and several voices at once are "
    "taken for noise in part; a second voice is not removed. It does not undo clipping, echo or a bad telephone line, and "
    "where the noise is far louder than the voice it leaves holes. Not for evidence: what it lets through can be altered."
)
LONG_SECONDS = 30.0
"""From here on the page says beforehand how long the work will take."""
PLAYHEAD = "() => Number(document.querySelector('.wl-denoising-scrub').value)"
EMPTIED = "() => null"  # no example is in the players now; and a recording is not shown twice

Kept = Sound | Upload
"""What a page keeps of a sound: all of a short one of ours, and of a visitor's own where its file lies."""

# Handlers


def denoise_mixture(
    speech: str, noise: str, snr_db: float, method: str, weights: str, own: Trained | None
) -> Iterator[Answer]:
    """Mix clean speech and noise at a ratio in dB, denoise the sum, and measure the result against the truth.

    A ratio beyond the slider's ends is the end itself, as on the slider; none at all is 0.
    """
    snr_db = min(max(snr_db or 0, mixing.LOWEST_DB), mixing.HIGHEST_DB)
    yield from denoise_sound(mixing.mixture(speech, noise, snr_db), method, weights, own)


def follow_ratio(
    kept: Kept | None, speech: str, noise: str, snr_db: float, method: str, weights: str, own: Trained | None
) -> Iterator[Answer]:
    """`denoise_mixture`, where it is that voice and that noise that are in the players already, and only the ratio is new."""
    if not isinstance(kept, Sound) or not kept.title.startswith(f"{mixing.who_and_where(speech, noise)}, "):
        yield Answer()  # an example is being put on the desk: it is answered by itself
        return
    yield from denoise_mixture(speech, noise, snr_db, method, weights, own)


def denoise_file(path: str | None, method: str, weights: str, own: Trained | None) -> Iterator[Answer]:
    """Denoise a sound file of any rate, depth and number of channels, at its own rate."""
    sound = nets.read_upload(path)
    yield from denoise_sound(sound, method, weights, own, kept=Upload(str(path)))


def denoise_by_other_method(kept: Kept | None, method: str, weights: str, own: Trained | None) -> Iterator[Answer]:
    """The sound that is there already, by another method."""
    if kept is None:
        yield Answer()  # there is nothing yet to denoise again
        return
    yield from denoise_sound(heard_in(kept), method, weights, own, kept=kept)


def heard_in(kept: Kept) -> Sound:
    """The sound that a page keeps; ValueError where its file is gone."""
    return kept.sound if isinstance(kept, Upload) else kept


def denoise_sound(
    sound: Sound, method: str, weights: str, own: Trained | None, *, kept: Kept | None = None
) -> Iterator[Answer]:
    """Denoise a sound and show it; the verdict and the figures come at once, and again when PESQ and STOI are measured.

    The sound itself, or what is `kept` in its place, comes first: whoever chooses another method meanwhile means this
    one. With a longer one it is said how long the work will take.
    """
    seconds, kept = sound.wave.seconds, kept or sound
    yield Answer(sound=kept, verdict=measures.expected(seconds) if seconds > LONG_SECONDS else gr.skip())
    result = nets.denoise(sound, method, weights, own)
    answer = answer_of(result, own)._replace(sound=kept)
    yield answer
    if result.reference is not None:
        yield answer._replace(figures=measures.readout(result, measures.read(result, perceptual=True)))


def answer_of(result: Denoised, own: Trained | None = None) -> Answer:
    """A result in words and in the players, its quick figures, the slider of moments set to the loudest, what was kept."""
    seconds, readings = result.sound.wave.seconds, measures.read(result)
    return Answer(
        result.sound,
        result.explainable,
        measures.verdict(result, readings, measures.others(result, own)),
        players.deck(result),
        measures.readout(result, readings),
        gr.update(maximum=max(0.1, round(seconds, 2)), value=round(result.loudest_second, 2)),
        kept_chart(kept_by_frequency(result)),
    )


def listen(
    chunk: dict[str, Any] | None, listening: Listening | None, method: str, weights: str, own: Trained | None
) -> Live:
    """One chunk of a visitor's microphone through the net; trouble goes back to the live desk, which says it and stops."""
    chunk = chunk if isinstance(chunk, dict) else {}
    try:
        if chunk.get("first") or listening is None:
            listening = live.listening(method, weights, own, live.rate_of(chunk))
        x_T = live.samples(chunk, listening.rate_hz)
        heard = listening.hear(x_T, last=bool(chunk.get("last")))
        result = listening.finished("Your microphone", method, weights) if chunk.get("last") else None
    except (ValueError, CheckpointMissing, CheckpointDamaged) as error:
        return Live(None, None, gr.HTML(heard={"n": chunk.get("n", 0), "error": sentence(error)}))
    return Live(None if result else listening, result, gr.HTML(heard=live.answered(listening, heard, chunk)))


def show_live(result: Denoised | Explainable | None) -> Answer:
    """What was heard live and what the net made of it, into the players."""
    if not isinstance(result, Denoised):  # nothing, or an answer that is there already
        raise ValueError("Nothing was heard. Press the microphone, allow it, and speak.")
    nets.refuse_silence(result.at_16_khz.noisy_T)
    return answer_of(result)


def compare(kept: Kept | None) -> Iterator[Markup]:
    """Every method on the sound that is there, as one table."""
    if kept is None:
        raise ValueError("There is nothing to compare on yet: choose an example first.")
    yield note("Measuring the first method …")
    yield from measures.compared(heard_in(kept))


def explain(result: Denoised | Explainable | None, at_seconds: float, own: Trained | None) -> Markup:
    """Which input the answer at one moment goes back to, as a chart; or, in its place, why there is none."""
    if result is None:
        return EMPTY  # the answer's place has said why there is nothing
    if result.method in nets.CLASSICAL:
        return note(f"{result.method} is no net and has no gradients. Choose a net to see what a frame goes back to.")
    try:
        net = nets.net(result.method, result.weights, own)
        kept = result.explainable if isinstance(result, Denoised) else result  # live, it is not shown yet
        return reach_chart(reach(net, kept.noisy_T, at_seconds))
    except ValueError as error:
        return note(sentence(error))


def put_on_desk(name: str) -> Desk:
    """An example's speech, noise and ratio on the mixing desk; ValueError where there is none of that name."""
    if name not in mixing.EXAMPLES:
        raise ValueError("Choose one of the examples above.")
    example = mixing.EXAMPLES[name]
    return Desk(example.speech, example.noise, example.snr_db)


def describe(method: str) -> Markup:
    """How the method works, in a sentence or two."""
    return note(nets.in_words(method))


def choose_trained(own: Trained | None) -> Chosen:
    """After “use this model here” the visitor's own net is chosen; after “back”, the shipped one, and no choice is left."""
    weights = gr.update(value=SHIPPED if own is None else YOURS, visible=own is not None)
    return Chosen(gr.skip() if own is None else gr.update(value=OURS), weights)


def on_open(kept: Kept | None, method: str, weights: str, own: Trained | None) -> Iterator[Answer]:
    """The first example, denoised, when the tab is opened; where there is an answer already, it stays."""
    first = mixing.EXAMPLES[mixing.FIRST]
    if kept is not None:
        yield Answer()
        return
    try:
        yield from denoise_mixture(first.speech, first.noise, first.snr_db, method, weights, own)
    except (CheckpointMissing, CheckpointDamaged) as error:
        yield Answer(verdict=note(sentence(error)))


def test_set() -> Markup:
    """The shipped net's means on the test set, by how it was mixed and by kind of noise, from its evidence."""
    try:
        return measures.means_tables(Net.pretrained(RECIPES[OURS]).evidence)
    except (CheckpointMissing, CheckpointDamaged):
        return EMPTY  # the card has said it


# The page


def build(tab: gr.Tab) -> None:
    own, sound = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    result, listening = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=600)
    triggers = choose_sound()
    weights, verdict, instrument, figures = show_answer()
    why = show_reasons()
    desk, others = mixing_desk(), choose_method()
    how_good(RECIPES[OURS], LIMITS, test_set)
    uses = train_it(
        "The same net from random weights, in your own session. Half a minute shows it learn; you hear it first on the open "
        "fire, and hardly yet in the street.",
        RECIPES[OURS], use=Trained.from_run, state=own, seconds=30, choose=nets.at_home,
    )  # fmt: skip

    chosen, method, example = [others.method, weights, own], others.method, triggers.example
    fills = list(Answer(sound, result, verdict, instrument, figures, why.moment, why.kept))
    reasons = Wire(explain, [result, why.moment, own], why.reach)
    mixture = Wire(denoise_mixture, [*desk, *chosen], fills)
    again = Wire(denoise_by_other_method, [sound, *chosen], fills)

    Wire(on_open, [sound, *chosen], fills).on(tab.select).then(reasons)
    mixture.on(desk.speech.input, desk.noise.input, api="denoise_mixture").then(reasons)
    # by whatever changed it: mouse, keys, the number's own box, emptied even, and the arrow that sets it back
    ratio = Wire(follow_ratio, [sound, *desk, *chosen], fills, script=WITHIN)
    ratio.on(desk.snr_db.change).then(reasons)
    moved = (desk.speech.input, desk.noise.input, desk.snr_db.input, desk.snr_db.release)
    Wire(put_on_desk, example, list(desk), "at once").on(example.input).then(mixture, reasons)
    file = Wire(denoise_file, [triggers.path, *chosen], fills)
    brought = (triggers.path.upload, triggers.path.stop_recording)
    file.on(*brought, api="denoise_file").then(Wire(None, None, triggers.path, script=EMPTIED), reasons)
    Wire(None, None, example, script=EMPTIED).on(*moved, *brought, triggers.microphone.stop)
    again.on(method.input, weights.input, api="denoise_again").then(reasons)
    Wire(describe, method, others.words, "at once").on(method.change)

    heard = list(Live(listening, result, triggers.microphone))
    Wire(listen, [triggers.microphone, listening, *chosen], heard, "live").on(triggers.microphone.input)
    Wire(show_live, result, fills).on(triggers.microphone.stop).then(reasons)
    Wire(compare, sound, others.comparison).on(others.compare.click, api="compare_denoisers")
    reasons.on(why.moment.input, why.moment.release, api="explain_denoising")
    Wire(None, None, why.moment, script=PLAYHEAD).on(why.here.click).then(reasons)
    trained = Wire(choose_trained, own, list(Chosen(method, weights)), "at once")
    trained.on(uses.change).then(again, reasons)


def thumbnail() -> Markup:
    """For the home page: a voice in the street, and the same voice."""
    first = mixing.EXAMPLES[mixing.FIRST]
    example = mixing.mixture(first.speech, first.noise, first.snr_db)
    assert example.clean_T is not None
    levels = (
        audio.decibels(power(x_T[: int(2.5 * audio.RATE_HZ)], audio.RATE_HZ, columns=150))[:160]
        for x_T in (example.wave.x_T, example.clean_T)
    )
    return join(picture(painted(level_FN, low=-75, high=-20), kind="wl-denoising-strip") for level_FN in levels)
