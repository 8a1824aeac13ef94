"""The Denoising tab without a browser: what it takes in, gives back and measures, and what it says in trouble."""

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from demos.denoising import measures, mixing, nets, tab
from demos.denoising.layout import FILES
from demos.denoising.nets import OURS, SHIPPED, YOURS, Sound, Upload
from models import CheckpointMissing
from signals import audio, synthetic
from signals.audio import RATE_HZ, Wave
from tests.demos.denoising.conftest import last, samples, skips, written
from tests.demos.denoising.test_nets import trained

SPEECH, NOISE = "Reader 3", "White noise"


def denoised(found: tab.Answer) -> Tensor:
    """What the players play."""
    return samples(found.players, "denoised")[0]


def test_a_mixture_is_denoised_and_measured(untrained: Path) -> None:
    found = last(tab.denoise_mixture(SPEECH, NOISE, 5, OURS, SHIPPED, None))
    sound = found.sound
    assert sound.clean_T is not None and denoised(found).shape == sound.wave.x_T.shape
    assert set(found.players["files"]) == {"noisy", "denoised", "clean"}
    assert set(found.players["pictures"]) == {"noisy", "denoised", "removed", "clean", "mask"}
    for unit in ("dB SI-SDR", "dB SNR", "PESQ", "STOI", "Higher is better in all four", "of real time", "32 ms"):
        assert unit in found.figures
    assert "<i>5.0</i>" in found.figures and "…" not in found.figures
    assert 0 < found.moment["value"] < found.moment["maximum"] == pytest.approx(sound.wave.seconds, abs=0.01)
    assert found.moment["value"] == pytest.approx(nets.denoise(sound, OURS).loudest_second, abs=0.01)
    gain = found.figures.split("<em>")[1].split("</em>")[0]
    assert f"{gain.lstrip('+')} dB" in found.verdict.replace("−", "+") or "distortion" in found.verdict
    assert "0 dB would be no change; higher is better" in found.verdict
    assert "<polyline" in found.kept and "where there is speech" in found.kept


def test_the_sound_comes_first_then_the_answer_then_pesq_and_stoi(untrained: Path) -> None:
    mixed = tab.denoise_mixture("Reader 8", "Mains hum", 0, OURS, SHIPPED, None)
    first, quick, whole = mixed
    assert isinstance(first.sound, Sound) and all(map(skips, first[1:]))
    assert quick.figures.count("…") == 2 and "…" not in whole.figures
    assert quick._replace(figures=whole.figures) == whole


def test_without_a_reference_an_estimate_is_called_one(untrained: Path, voice: Tensor, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mine.wav", voice.numpy(), RATE_HZ)
    found = last(tab.denoise_file(str(tmp_path / "mine.wav"), OURS, SHIPPED, None))
    figures = found.figures
    assert "The pauses are" in found.verdict or "the pauses are" in found.verdict
    assert "an estimate" in figures and "the quietest tenth" in figures and "Nobody knows the clean speech" in figures
    assert "SI-SDR" not in figures and "PESQ" not in figures


ODD: dict[str, Callable[[], Tensor]] = {
    "one sample": lambda: torch.tensor([0.5]),
    "two samples": lambda: torch.tensor([0.5, -0.5]),
    "a tenth of a second": lambda: synthetic.white(1_600),
    "clipped throughout": lambda: synthetic.white(RATE_HZ).sign(),
    "a constant": lambda: torch.full((RATE_HZ,), 0.5),
}


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_comes_in_and_the_same_goes_out(untrained: Path, voice: Tensor, tmp_path: Path, rate_hz: int) -> None:
    x_T = audio.resample(voice, RATE_HZ, rate_hz)
    found = last(tab.denoise_file(written(tmp_path, x_T, rate_hz, "wav"), OURS, SHIPPED, None))
    for side in ("noisy", "denoised"):
        y_T, found_hz = samples(found.players, side)
        assert found_hz == rate_hz and len(y_T) == len(x_T)
    assert denoised(found).isfinite().all() and found.players["rate"] == rate_hz


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("wav", "PCM_U8"), ("wav", "PCM_16"), ("wav", "PCM_24"), ("wav", "PCM_32"), ("wav", "FLOAT"), ("wav", "DOUBLE"),
     ("flac", "PCM_16"), ("flac", "PCM_24"), ("ogg", "VORBIS"), ("mp3", "MPEG_LAYER_III"), ("aiff", "PCM_16")],
)  # fmt: skip
def test_any_format_and_depth(untrained: Path, voice: Tensor, tmp_path: Path, kind: str, subtype: str) -> None:
    path = written(tmp_path, 0.5 * voice, RATE_HZ, kind, subtype)
    found = last(tab.denoise_file(path, OURS, SHIPPED, None))
    noisy_T, _ = samples(found.players, "noisy")
    length = min(len(noisy_T), len(voice))
    assert length >= 0.95 * len(voice) and denoised(found).isfinite().all()
    error = (noisy_T[:length] - 0.5 * voice[:length]).square().mean() / voice.square().mean()
    lossy = kind in ("mp3", "ogg")
    assert 10 * math.log10(error.item() + 1e-12) < (-1.0 if lossy else -24.0), "an MP3 may begin late"


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged_and_it_is_said(untrained: Path, voice: Tensor, tmp_path: Path, channels: int) -> None:
    x_TC = np.stack([voice.numpy() * (c + 1) / channels for c in range(channels)], 1)
    figures = last(tab.denoise_file(written(tmp_path, x_TC, RATE_HZ, "wav"), OURS, SHIPPED, None)).figures
    assert f"{channels} channels averaged to one" in figures


@pytest.mark.parametrize("method", [OURS, "Linear"])
@pytest.mark.parametrize("what", ODD)
def test_odd_sounds_are_answered(untrained: Path, tmp_path: Path, what: str, method: str) -> None:
    x_T = ODD[what]()
    path = written(tmp_path, x_T, RATE_HZ, "wav", "FLOAT")
    found = last(tab.denoise_file(path, method, SHIPPED, None))
    deck, figures = found.players, found.figures
    assert len(denoised(found)) == len(x_T) and denoised(found).isfinite().all()
    assert all(picture["src"].startswith("data:image/png") for picture in deck["pictures"].values())
    assert "nan" not in figures and "inf" not in figures and "∞" not in figures
    assert "nan" not in found.kept and "NaN" not in found.kept
    if what == "clipped throughout":
        assert "the recording is clipped" in figures
    assert found.sound.sound.wave.seconds == len(x_T) / RATE_HZ


def test_samples_that_are_no_number_become_silence(untrained: Path, voice: Tensor, tmp_path: Path) -> None:
    x_T = voice.clone()
    x_T[100:110], x_T[200], x_T[201] = math.nan, math.inf, -math.inf
    path = written(tmp_path, x_T, RATE_HZ, "wav", "FLOAT")
    found = last(tab.denoise_file(path, OURS, SHIPPED, None))
    assert denoised(found).isfinite().all() and "12 samples were no number" in found.figures


def test_of_a_visitors_recording_the_page_keeps_its_file_and_what_an_explanation_needs(
    untrained: Path, voice: Tensor, tmp_path: Path
) -> None:
    """At 192 kHz the sides of 75 s are 58 MB each, and 200 visitors may be there."""
    path = written(tmp_path, audio.resample(voice, RATE_HZ, 192_000), 192_000, "wav")
    found = last(tab.denoise_file(path, OURS, SHIPPED, None))
    assert found.sound == Upload(path)
    assert found.result.noisy_T.nbytes <= 4 * len(voice) + 4 and not hasattr(found.result, "y_T")
    assert "<svg" in tab.explain(found.result, 0.5, None)
    again = last(tab.denoise_by_other_method(found.sound, "Linear", SHIPPED, None))
    assert again.sound == found.sound and again.players["rate"] == 192_000
    assert list(tab.follow_ratio(found.sound, SPEECH, NOISE, -5, "Linear", SHIPPED, None)) == [tab.Answer()]
    Path(path).unlink()
    with pytest.raises(ValueError, match="no longer on this server"):
        last(tab.denoise_by_other_method(found.sound, "Linear", SHIPPED, None))


def test_what_is_no_sound_is_told_in_a_sentence(untrained: Path, voice: Tensor, tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("This is a text file, and no sound at all.\n" * 20)
    (tmp_path / "empty.wav").write_bytes(b"")
    soundfile.write(tmp_path / "whole.flac", voice.numpy(), RATE_HZ)
    (tmp_path / "cut.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:30])
    soundfile.write(tmp_path / "none.wav", np.zeros(0, np.float32), RATE_HZ)
    for name, words in (
        ("notes.wav", "not a sound that can be read"),
        ("empty.wav", "not a sound that can be read"),
        ("cut.flac", "not a sound that can be read"),
        ("none.wav", "empty"),
        ("gone.wav", "not a sound that can be read|cannot be opened"),
    ):
        with pytest.raises(ValueError, match=words):
            last(tab.denoise_file(str(tmp_path / name), OURS, SHIPPED, None))
    with pytest.raises(ValueError, match="no recording yet"):
        last(tab.denoise_file(None, OURS, SHIPPED, None))
    with pytest.raises(ValueError, match="This recording is silent"):
        last(tab.denoise_file(written(tmp_path, torch.zeros(RATE_HZ), RATE_HZ, "wav"), OURS, SHIPPED, None))


def test_a_truncated_recording_is_read_as_far_as_it_goes_or_refused(
    untrained: Path, voice: Tensor, tmp_path: Path
) -> None:
    path = Path(written(tmp_path, voice, RATE_HZ, "wav"))
    path.write_bytes(path.read_bytes()[: 44 + RATE_HZ])  # half a second of the one and a half that the header claims
    assert len(denoised(last(tab.denoise_file(str(path), OURS, SHIPPED, None)))) == RATE_HZ // 2


def test_ten_minutes_are_too_long_and_it_is_said_before(untrained: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_U8") as file:
        for _ in range(10):
            file.write(np.zeros(60 * 8_000, np.float32))
    with pytest.raises(ValueError, match=r"lasts 10 minutes; at most 5 minutes"):
        last(tab.denoise_file(str(path), OURS, SHIPPED, None))
    assert "at most 5 minutes" in FILES and nets.MAX_SECONDS == 300


def test_a_long_recording_says_how_long_it_will_take(untrained: Path) -> None:
    sound = Sound(Wave(synthetic.pink(35 * RATE_HZ), RATE_HZ), "A long one")
    first, *rest = list(tab.denoise_sound(sound, "Linear", SHIPPED, None))
    assert "35 s of sound" in first.verdict and skips(first.players) and len(rest) == 1


def test_the_explanation_says_when_there_is_none(untrained: Path, voice: Tensor) -> None:
    assert tab.explain(None, 0.0, None) == ""
    classical = nets.denoise(Sound(Wave(voice, RATE_HZ), "A voice"), "Wiener")
    assert "no gradients" in tab.explain(classical, 0.5, None)
    ours = nets.denoise(Sound(Wave(voice, RATE_HZ), "A voice"), OURS)
    for at in (0.0, 0.7, 99.0):
        assert "<svg" in tab.explain(ours, at, None), "any place within or beyond the sound"


def test_without_a_checkpoint(checkpoints: Path, voice: Tensor) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit denoiser_gru"):
        last(tab.denoise_mixture(SPEECH, NOISE, 5, OURS, SHIPPED, None))
    assert tab.test_set() == ""
    found = last(tab.denoise_mixture(SPEECH, NOISE, 5, "Wiener", SHIPPED, None))
    assert denoised(found).isfinite().all(), "the classical methods need none"
    *_, told = tab.on_open(None, OURS, SHIPPED, None)
    assert "python -m training fit denoiser_gru" in told.verdict


def test_nothing_is_asked_again_where_nothing_was() -> None:
    assert list(tab.denoise_by_other_method(None, OURS, SHIPPED, None)) == [tab.Answer()], "nothing is touched"


def test_after_a_training_ones_own_net_is_chosen() -> None:
    found = tab.choose_trained(trained(60.0))
    assert found.method["value"] == OURS and found.weights["value"] == YOURS and found.weights["visible"]
    back = tab.choose_trained(None)
    assert skips(back.method) and back.weights["value"] == SHIPPED and not back.weights["visible"]


def test_an_example_comes_onto_the_desk() -> None:
    example = mixing.EXAMPLES["Train"]
    assert tab.put_on_desk("Train") == (example.speech, example.noise, example.snr_db)


def test_the_tab_opens_answered_and_keeps_an_answer_that_is_there(untrained: Path) -> None:
    first = mixing.EXAMPLES[mixing.FIRST]
    found = last(tab.on_open(None, OURS, SHIPPED, None))
    assert found.sound.title.startswith(first.title) and found.players["files"] and "dB" in found.verdict
    assert [skips(value) for value in next(iter(tab.on_open(found.sound, OURS, SHIPPED, None)))] == [True] * len(found)


@pytest.mark.parametrize(("asked", "mixed"), [(500, 20), (-500, -10), (None, 0)])
def test_a_ratio_beyond_the_ends_of_the_slider_is_its_end(untrained: Path, asked: Any, mixed: float) -> None:
    sound = next(iter(tab.denoise_mixture(SPEECH, NOISE, asked, "Linear", SHIPPED, None))).sound
    assert torch.equal(sound.wave.x_T, mixing.mixture(SPEECH, NOISE, mixed).wave.x_T)


def test_a_new_ratio_is_followed_where_that_voice_and_noise_are_there(untrained: Path) -> None:
    sound = mixing.mixture(SPEECH, NOISE, 5)
    found = last(tab.follow_ratio(sound, SPEECH, NOISE, -5, "Linear", SHIPPED, None))
    assert "the noise 5 dB louder" in found.sound.title
    for other in (None, mixing.mixture("Reader 8", NOISE, 5)):
        assert list(tab.follow_ratio(other, SPEECH, NOISE, -5, "Linear", SHIPPED, None)) == [tab.Answer()]


@pytest.mark.parametrize(
    ("gain_db", "words"),
    [(7.56, "The noise is 7.6 dB quieter"), (-2, "Worse than before: 2.0 dB more noise and distortion"),
     (0.4, "Hardly any difference: the noise is 0.4 dB quieter"),
     (-0.4, "Hardly any difference: the noise is 0.4 dB louder")],
)  # fmt: skip
def test_the_verdict_says_which_way(gain_db: float, words: str) -> None:
    assert measures.quieter("The noise is", gain_db) == words


def test_the_home_page_shows_a_voice_in_the_street_and_alone() -> None:
    assert tab.thumbnail().count("<img") == 2


# Order: of two answers for one place the one that was asked for last stands


@pytest.fixture
def page(untrained: Path) -> gr.Blocks:
    """The tab as it is built and wired."""
    with gr.Blocks() as studio, gr.Tab("Denoising") as opened:
        tab.build(opened)
    return studio


def endpoint(page: gr.Blocks, name: str) -> Any:
    """The event of that name in the API."""
    return next(event for event in page.fns.values() if event.api_name == name)


def follower(page: gr.Blocks, event: Any) -> Callable[..., Any]:
    """What is computed after an event has been answered."""
    return next(follows.fn for follows in page.fns.values() if follows.trigger_after == event._id)  # type: ignore[return-value]


def test_a_slower_first_answer_leaves_the_second_alone(page: gr.Blocks) -> None:
    slow = endpoint(page, "denoise_mixture").fn(SPEECH, NOISE, 5, OURS, SHIPPED, None)
    sound = next(slow).sound
    second = last(endpoint(page, "denoise_again").fn(sound, "Wiener", SHIPPED, None))
    assert second.result.method == "Wiener" and second.result.noisy_T is sound.wave.x_T, "of the sound just asked for"
    late = list(slow)
    assert late and all(skips(value) for answer in late for value in answer)


def test_a_slower_first_explanation_leaves_the_second_alone(page: gr.Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = endpoint(page, "denoise_mixture")
    result = last(answered.fn(SPEECH, NOISE, 5, OURS, SHIPPED, None)).result
    begun, may_end, real, found = threading.Event(), threading.Event(), tab.reach, []

    def slow(net: Any, x_T: Tensor, at_seconds: float) -> Any:
        begun.set()
        assert may_end.wait(30)
        return real(net, x_T, at_seconds)

    monkeypatch.setattr(tab, "reach", slow)
    loudest = threading.Thread(target=lambda: found.append(follower(page, answered)(result, 0.5, None)))
    loudest.start()
    assert begun.wait(30)
    monkeypatch.setattr(tab, "reach", real)
    second = endpoint(page, "explain_denoising").fn(result, 1.2, None)
    may_end.set()
    loudest.join()
    assert "the frame at 1.20 s" in second and found == [gr.skip()]


def test_an_explanation_that_was_asked_for_first_but_begins_last_leaves_the_other_alone(page: gr.Blocks) -> None:
    answered, explained = endpoint(page, "denoise_again"), endpoint(page, "explain_denoising")
    sound = mixing.mixture(SPEECH, NOISE, 5)
    result = last(answered.fn(sound, OURS, SHIPPED, None)).result  # its own explanation is still to begin
    assert "the frame at 1.20 s" in explained.fn(result, 1.2, None)
    assert skips(follower(page, answered)(result, 0.5, None)), "it belongs to the answer, and that was asked for before"
    last(answered.fn(sound, "Linear", SHIPPED, None))
    assert "<svg" in follower(page, answered)(result, 0.5, None), "and this one was asked for last"
