"""The Denoising tab without a browser: what it takes in, gives back and measures, and what it says in trouble."""

import math
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from demos.denoising import explain, measures, mixing, nets, tab
from demos.denoising.nets import SHIPPED, UNTRAINED, YOURS, Denoised, Own, Sound
from models import _checkpoint
from models._checkpoint import CheckpointMissing
from models.denoiser import LinearDenoiser, RecurrentDenoiser
from signals import audio, synthetic
from signals.audio import RATE_HZ, Wave
from training._run import Run
from training.recipes import find

OURS = "Recurrent"


@pytest.fixture
def untrained(checkpoints: Path) -> Iterator[Path]:
    """Nets with random weights in the place of the shipped ones: what the tab does must not hang on their quality."""
    empty: dict[str, Any] = {n: {} for n in ("metrics", "intervals", "validation", "budget", "data", "provenance")}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, net in (
            ("denoiser_gru", RecurrentDenoiser(hidden=32, layers=1)),
            ("denoiser_linear", LinearDenoiser()),
        ):
            card = _checkpoint.Card(
                recipe=name, model=type(net).__name__, config=_checkpoint.config(net), parameters=0, bytes=0,
                weights_sha256="", **empty,
            )  # fmt: skip
            _checkpoint.save(name, net, card)
    yield checkpoints
    nets._warm.cache_clear()


@pytest.fixture
def voice() -> Tensor:
    """The first second and a half of a shipped sentence, at 16 kHz."""
    return audio.load(mixing.FOLDER / "harbour.flac")[: int(1.5 * RATE_HZ)]


def last(answers: Iterator[Any]) -> tuple[Any, ...]:
    """An answer with everything that came: later parts replace earlier ones, except where they skip."""
    whole: list[Any] = []
    for answer in answers:
        whole = whole or list(answer)
        whole = [old if _skips(new) else new for old, new in zip(whole, answer, strict=True)]
    return tuple(whole)


def _skips(value: Any) -> bool:
    return isinstance(value, dict) and value.get("__type__") == "update" and set(value) == {"__type__"}


def samples(deck: dict[str, Any], side: str) -> tuple[Tensor, int]:
    x_T, rate_hz = soundfile.read(deck["files"][side]["path"], dtype="float32")
    return torch.from_numpy(x_T), rate_hz


def test_a_mixture_is_denoised_and_measured(untrained: Path) -> None:
    sound, result, deck, figures, moment, curve = last(
        tab.answer_mixture("Harbour, a man from London", "White noise", 5, OURS, SHIPPED, None)
    )
    assert sound.clean_T is not None and result.y_T.shape == sound.wave.x_T.shape
    assert set(deck["files"]) == {"noisy", "denoised", "clean"}
    assert set(deck["pictures"]) == {"noisy", "denoised", "removed", "clean", "mask"}
    before, after = (audio.stft(x)[None] for x in (sound.clean_T, sound.wave.x_T - sound.clean_T))
    ratio = 10 * math.log10(before.abs().square().sum() / after.abs().square().sum())
    assert ratio == pytest.approx(5, abs=0.1), "the desk mixes at the ratio that it shows"
    for unit in ("dB SI-SDR", "dB SNR", "PESQ", "STOI", "real-time factor", "32</b><span>ms of delay"):
        assert unit in figures
    assert "<i>5.0</i>" in figures and "…" not in figures
    assert 0 < moment["value"] < moment["maximum"] == pytest.approx(sound.wave.seconds, abs=0.01)
    assert "<polyline" in curve and "where there is speech" in curve


def test_the_figures_come_before_pesq_and_stoi(untrained: Path) -> None:
    answers = list(tab.answer_mixture("Train, a man from Scotland", "Mains hum", 0, OURS, SHIPPED, None))
    assert len(answers) == 2
    assert answers[0][3].count("…") == 2 and "…" not in answers[1][3]


def test_the_files_hold_what_was_computed_and_nothing_is_rescaled(
    untrained: Path, voice: Tensor, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "quiet.wav", 0.01 * voice.numpy(), RATE_HZ, subtype="FLOAT")
    _, result, deck, *_ = last(tab.answer_file(str(tmp_path / "quiet.wav"), OURS, SHIPPED, None))
    (noisy_T, _), (denoised_T, _) = samples(deck, "noisy"), samples(deck, "denoised")
    assert (noisy_T - 0.01 * voice).abs().max() < 1 / 32768, "a quiet recording stays quiet"
    assert (denoised_T - result.y_T).abs().max() < 1 / 32768
    assert soundfile.info(deck["files"]["denoised"]["path"]).subtype == "PCM_16"


def test_what_would_clip_is_turned_down_as_one_and_said() -> None:
    sound = mixing.mixture("Kitchen, a woman from the States", "Crackle of a record", -10)
    assert sound.clean_T is not None and sound.wave.x_T.abs().max() <= 1
    assert "turned down by" in sound.wave.notes[0]
    quiet = Denoised(Sound(Wave(torch.tensor([0.5, 1.5]), RATE_HZ), ""), OURS, SHIPPED, torch.tensor([0.5, 0.25]), 0.0)
    from demos.denoising.players import deck

    files = deck(quiet)
    assert samples(files, "noisy")[0].tolist() == pytest.approx([1 / 3, 1], abs=1e-4)
    assert samples(files, "denoised")[0].tolist() == pytest.approx([1 / 3, 1 / 6], abs=1e-4), "by the same factor"


def test_without_a_reference_an_estimate_is_called_one(untrained: Path, voice: Tensor, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mine.wav", voice.numpy(), RATE_HZ)
    *_, figures, _, _ = last(tab.answer_file(str(tmp_path / "mine.wav"), OURS, SHIPPED, None))
    assert "an estimate" in figures and "the quietest tenth" in figures and "Nobody knows the clean speech" in figures
    assert "SI-SDR" not in figures and "PESQ" not in figures


# Whatever a visitor brings


def written(folder: Path, x_T: Tensor | np.ndarray, rate_hz: int, kind: str, subtype: str | None = None) -> str:
    path = folder / f"sound.{kind}"
    soundfile.write(path, np.asarray(x_T), rate_hz, subtype=subtype)
    return str(path)


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_comes_in_and_the_same_goes_out(untrained: Path, voice: Tensor, tmp_path: Path, rate_hz: int) -> None:
    x_T = audio.resample(voice, RATE_HZ, rate_hz)
    _, result, deck, *_ = last(tab.answer_file(written(tmp_path, x_T, rate_hz, "wav"), OURS, SHIPPED, None))
    for side in ("noisy", "denoised"):
        y_T, found_hz = samples(deck, side)
        assert found_hz == rate_hz and len(y_T) == len(x_T)
    assert result.y_T.isfinite().all() and deck["rate"] == rate_hz


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("wav", "PCM_U8"), ("wav", "PCM_16"), ("wav", "PCM_24"), ("wav", "PCM_32"), ("wav", "FLOAT"), ("wav", "DOUBLE"),
     ("flac", "PCM_16"), ("flac", "PCM_24"), ("ogg", "VORBIS"), ("mp3", "MPEG_LAYER_III"), ("aiff", "PCM_16")],
)  # fmt: skip
def test_any_format_and_depth(untrained: Path, voice: Tensor, tmp_path: Path, kind: str, subtype: str) -> None:
    path = written(tmp_path, 0.5 * voice, RATE_HZ, kind, subtype)
    _, result, deck, *_ = last(tab.answer_file(path, OURS, SHIPPED, None))
    noisy_T, _ = samples(deck, "noisy")
    length = min(len(noisy_T), len(voice))
    assert length >= 0.95 * len(voice) and result.y_T.isfinite().all()
    error = (noisy_T[:length] - 0.5 * voice[:length]).square().mean() / voice.square().mean()
    lossy = kind in ("mp3", "ogg")
    assert 10 * math.log10(error.item() + 1e-12) < (-1.0 if lossy else -24.0), "an MP3 may begin late"


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged_and_it_is_said(untrained: Path, voice: Tensor, tmp_path: Path, channels: int) -> None:
    x_TC = np.stack([voice.numpy() * (c + 1) / channels for c in range(channels)], 1)
    *_, figures, _, _ = last(tab.answer_file(written(tmp_path, x_TC, RATE_HZ, "wav"), OURS, SHIPPED, None))
    assert f"{channels} channels averaged to one" in figures


ODD: dict[str, Callable[[], Tensor]] = {
    "silence": lambda: torch.zeros(RATE_HZ),
    "one sample": lambda: torch.tensor([0.5]),
    "two samples": lambda: torch.tensor([0.5, -0.5]),
    "a tenth of a second": lambda: synthetic.white(1_600),
    "clipped throughout": lambda: synthetic.white(RATE_HZ).sign(),
    "a constant": lambda: torch.full((RATE_HZ,), 0.5),
}


@pytest.mark.parametrize("method", [OURS, "Linear"])
@pytest.mark.parametrize("what", ODD)
def test_odd_sounds_are_answered(untrained: Path, tmp_path: Path, what: str, method: str) -> None:
    x_T = ODD[what]()
    path = written(tmp_path, x_T, RATE_HZ, "wav", "FLOAT")
    sound, result, deck, figures, _, curve = last(tab.answer_file(path, method, SHIPPED, None))
    assert len(result.y_T) == len(x_T) and result.y_T.isfinite().all()
    assert all(picture["src"].startswith("data:image/png") for picture in deck["pictures"].values())
    assert "nan" not in figures and "inf" not in figures and "NaN" not in curve
    if what == "clipped throughout":
        assert "the recording is clipped" in figures
    if what == "silence":
        assert result.y_T.abs().max() == 0 and "silence" in deck["pictures"]["denoised"]["words"]
        assert "silent" in tab.explain_loudest(result, None)
    assert sound.wave.seconds == len(x_T) / RATE_HZ


def test_samples_that_are_no_number_become_silence(untrained: Path, voice: Tensor, tmp_path: Path) -> None:
    x_T = voice.clone()
    x_T[100:110], x_T[200], x_T[201] = math.nan, math.inf, -math.inf
    path = written(tmp_path, x_T, RATE_HZ, "wav", "FLOAT")
    _, result, _, figures, *_ = last(tab.answer_file(path, OURS, SHIPPED, None))
    assert result.y_T.isfinite().all() and "12 samples were no number" in figures


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
            last(tab.answer_file(str(tmp_path / name), OURS, SHIPPED, None))
    with pytest.raises(ValueError, match="no recording yet"):
        last(tab.answer_file(None, OURS, SHIPPED, None))


def test_a_truncated_recording_is_read_as_far_as_it_goes_or_refused(
    untrained: Path, voice: Tensor, tmp_path: Path
) -> None:
    path = Path(written(tmp_path, voice, RATE_HZ, "wav"))
    path.write_bytes(path.read_bytes()[: 44 + RATE_HZ])  # half a second of the one and a half that the header claims
    _, result, *_ = last(tab.answer_file(str(path), OURS, SHIPPED, None))
    assert len(result.y_T) == RATE_HZ // 2


def test_ten_minutes_are_too_long_and_it_is_said_before(untrained: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_U8") as file:
        for _ in range(10):
            file.write(np.zeros(60 * 8_000, np.float32))
    with pytest.raises(ValueError, match=r"lasts 10 minutes; at most 5 minutes"):
        last(tab.answer_file(str(path), OURS, SHIPPED, None))
    page = (Path(tab.__file__)).read_text(encoding="utf-8")
    assert "at most " in page and nets.MAX_SECONDS == 300


def test_a_long_recording_says_how_long_it_will_take(untrained: Path) -> None:
    sound = Sound(Wave(synthetic.pink(35 * RATE_HZ), RATE_HZ), "A long one")
    first, *rest = list(tab.answer(sound, "Linear", SHIPPED, None))
    assert "35 s of sound" in first[3] and _skips(first[2]) and len(rest) == 1


# Methods, comparison, reasons


def test_every_method_answers_or_says_what_is_missing(untrained: Path, voice: Tensor) -> None:
    assert nets.methods()[0] == OURS and "noisereduce" in nets.methods()
    assert nets.available() == [OURS, "Linear", *nets.CLASSICAL]
    sound = Sound(Wave(voice + synthetic.white(len(voice)), RATE_HZ), "A voice", voice)
    for method in nets.methods():
        assert len(nets.in_words(method)) > 40
        if method in nets.available():
            assert nets.denoise(sound, method).y_T.shape == voice.shape
        else:
            with pytest.raises(CheckpointMissing, match="python -m training fit denoiser_"):
                nets.denoise(sound, method)
    with pytest.raises(ValueError, match="no net"):
        nets.denoise(sound, "magic")


def test_the_frames_of_the_course_are_said_to_smear() -> None:
    assert "64 ms" in nets.in_words("Linear") and "smeared" in nets.in_words("Linear")
    assert "32 ms" in nets.in_words(OURS)
    assert nets.delay_ms("Linear") == 64 and nets.delay_ms("log-MMSE") is None


def test_the_comparison_grows_by_a_row_and_marks_the_best(untrained: Path, voice: Tensor) -> None:
    sound = Sound(Wave(audio.mix(voice, synthetic.white(len(voice)), 0)[0], RATE_HZ), "A voice", voice)
    tables = list(tab.compare(sound))[1:]
    assert [t.count("<tr>") for t in tables] == [3 + i for i in range(len(nets.available()))]
    assert all(title in tables[-1] for title in ("Noisy", *nets.available()))
    assert tables[-1].count("<b>") >= 4 and "averages over a test set" in tables[-1]
    unknown = list(tab.compare(Sound(sound.wave, "A voice")))[-1]
    assert "not known" in unknown and "PESQ" not in unknown
    with pytest.raises(ValueError, match="choose an example first"):
        list(tab.compare(None))


def test_the_best_of_a_column_is_the_highest_value(voice: Tensor) -> None:
    sound = Sound(Wave(voice, RATE_HZ), "A voice", voice)
    rows: Any = [("one", [1.0, 2.0, None, 0.5], 0.1, ""), ("two", [3.0, -2.0, None, 0.25], 0.1, "7")]
    shown = measures.table(rows, sound, left=0)
    assert re.findall(r"<b>([^<]+)</b>", shown) == ["2.0", "0.500", "3.0"] and "−2.0" in shown and "–" in shown


def test_estimates_and_floors_on_closed_forms() -> None:
    x_T = synthetic.white(RATE_HZ)
    result = Denoised(Sound(Wave(x_T, RATE_HZ), ""), OURS, SHIPPED, 0.5 * x_T, 1.0)
    readings = measures.read(result)
    assert readings.estimated_snr_db == pytest.approx(0, abs=1e-3), "half kept, half removed"
    assert readings.floor_db is not None
    assert readings.floor_db[1] - readings.floor_db[0] == pytest.approx(-6.02, abs=0.01)
    exact = measures.read(replace(result, sound=Sound(Wave(x_T, RATE_HZ), "", 0.5 * x_T)))
    assert exact.snr_db is not None and exact.snr_db[0] == pytest.approx(0, abs=1e-3) and exact.snr_db[1] > 100
    assert result.real_time_factor == pytest.approx(1.0)


def test_what_is_kept_by_frequency() -> None:
    x_T = synthetic.white(4 * RATE_HZ)
    low_T = torch.fft.irfft(torch.fft.rfft(x_T) * (torch.linspace(0, 8, 2 * RATE_HZ + 1) < 4), len(x_T))
    speech_E, pause_E = explain.kept_by_frequency(x_T, low_T, x_T)
    assert speech_E[:30].mean().item() == pytest.approx(0, abs=0.2) and speech_E[34:].max().item() < -20
    assert pause_E.isnan().all(), "white noise all along has no pauses"
    assert "where there is speech" in explain.kept_chart(speech_E, pause_E)


def test_a_recurrent_net_looks_back_and_never_ahead_and_a_linear_one_does_neither(
    untrained: Path, voice: Tensor
) -> None:
    for method, looks_back in ((OURS, True), ("Linear", False)):
        found = explain.reach(nets.net(method), voice, 1.0)
        assert found.share_M.sum().item() == pytest.approx(1, abs=0.05), "the shares explain the frame's amplitude"
        later_M, before_M = found.start_ms_M >= -1e-6, found.start_ms_M < -2 * found.hop_ms - 1e-6
        assert later_M.any() and found.share_M[later_M].abs().max().item() < 1e-6
        assert (found.share_M[before_M].abs().sum().item() > 1e-3) == looks_back, "but for the running level"
        words = explain.reach_words(found)
        assert "the net is causal" in words and ("hears each frame by itself" in words) == (not looks_back)
        assert "<rect" in explain.reach_chart(found)


def test_the_explanation_says_when_there_is_none(untrained: Path, voice: Tensor) -> None:
    with pytest.raises(ValueError, match="choose an example first"):
        tab.explain(None, 0.0, None)
    classical = nets.denoise(Sound(Wave(voice, RATE_HZ), "A voice"), "Wiener")
    assert "no gradients" in tab.explain(classical, 0.5, None)
    ours = nets.denoise(Sound(Wave(voice, RATE_HZ), "A voice"), OURS)
    for at in (0.0, 0.7, 99.0):
        assert "<svg" in tab.explain(ours, at, None), "any place within or beyond the sound"


# The desk


def test_every_example_that_ships_can_be_mixed(no_data: Path) -> None:
    examples = mixing.examples()
    assert len(examples) == 4 and not any("test" in label for label in (*mixing.speeches(), *mixing.noises()))
    for example in examples:
        sound = mixing.mixture(example.speech, example.noise, example.snr_db)
        assert sound.clean_T is not None and 3 < sound.wave.seconds <= mixing.LONGEST
        again = mixing.mixture(example.speech, example.noise, example.snr_db)
        assert torch.equal(sound.wave.x_T, again.wave.x_T)
    assert "espeak-ng" in mixing.sources_in_words() and "LibriSpeech" not in mixing.sources_in_words()


def test_real_recordings_join_where_they_are(small_root: Path) -> None:
    assert len(mixing.examples()) == 6
    real = [label for label in (*mixing.speeches(), *mixing.noises()) if "test" in label]
    assert any("LibriSpeech" in label for label in real) and any("ESC-10" in label for label in real)
    assert mixing.mixture(real[0], real[-1], 0).wave.seconds > 3
    assert "CC BY" in mixing.sources_in_words()


def test_the_desk_refuses_what_is_not_on_it() -> None:
    voice = next(iter(mixing.VOICES))
    for arguments, words in (
        (("Nobody", "White noise", 0), "no speech"),
        ((voice, "Nothing", 0), "no noise"),
        ((voice, "White noise", 99), "−10|-10"),
    ):
        with pytest.raises(ValueError, match=words):
            mixing.mixture(*arguments)


# Training, missing things


@pytest.mark.slow
def test_hear_before_and_after_a_training_of_ones_own(untrained: Path, small_root: Path, voice: Tensor) -> None:
    recipe = nets.at_home()
    assert recipe.model == find("denoiser_gru").model
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2)))
    for _ in run:
        pass
    own = nets.trained(run)
    sound = Sound(Wave(voice, RATE_HZ), "A voice")
    found = {w: nets.denoise(sound, OURS, w, own) for w in (SHIPPED, YOURS, UNTRAINED)}
    assert not torch.equal(found[YOURS].y_T, found[UNTRAINED].y_T)
    assert all(
        w in measures.readout(r, measures.read(r)).replace("(yours", "(Yours") for w, r in found.items() if w != SHIPPED
    )
    fresh = Run(recipe).model.eval()
    assert torch.equal(fresh(voice[None])[0], found[UNTRAINED].y_T), "before its first step"
    other = nets.denoise(sound, "Linear", YOURS, own)
    assert other.weights == SHIPPED, "only the recurrent net is trained here"
    method, weights, words = tab.weights_after(own)
    assert method["value"] == OURS and weights["value"] == YOURS and weights["visible"] and "before" in words
    assert tab.weights_after(None)[1]["value"] == SHIPPED


def test_ones_own_weights_before_any_training(untrained: Path, voice: Tensor) -> None:
    with pytest.raises(ValueError, match="trained nothing yet"):
        nets.denoise(Sound(Wave(voice, RATE_HZ), ""), OURS, YOURS, None)
    own = Own(RecurrentDenoiser(), RecurrentDenoiser(), 60.0)
    assert "60 s of training" in tab.before_and_after(own)


def test_without_a_checkpoint(checkpoints: Path, voice: Tensor) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit denoiser_gru"):
        last(tab.answer_mixture("Harbour, a man from London", "White noise", 5, OURS, SHIPPED, None))
    assert tab.by_ratio_and_noise() == ""
    _, result, *_ = last(tab.answer_mixture("Harbour, a man from London", "White noise", 5, "Wiener", SHIPPED, None))
    assert result.y_T.isfinite().all(), "the classical methods need none"
    assert tab._warm() is None


def test_nothing_is_asked_again_where_nothing_was() -> None:
    assert list(tab.answer_again(None, OURS, SHIPPED, None)) == []


def test_the_examples_can_be_made_again(tmp_path: Path) -> None:
    from demos.denoising.examples import make as make_denoising

    assert {f"{name}.flac" for name in make_denoising.SENTENCES} == {p.name for p in mixing.FOLDER.glob("*.flac")}
    assert sum(p.stat().st_size for p in mixing.FOLDER.iterdir()) < 1_500_000
    try:
        make_denoising.speak("en-gb", "The fishing boats come back.", tmp_path / "x.flac")
    except FileNotFoundError:
        pytest.skip("espeak-ng is not here")
    except subprocess.CalledProcessError as error:
        pytest.fail(str(error))
    x_T, rate_hz = soundfile.read(tmp_path / "x.flac")
    assert rate_hz == RATE_HZ and 20 * math.log10(np.sqrt((x_T**2).mean())) == pytest.approx(-23, abs=0.1)


# The net that ships


@pytest.mark.parametrize("example", mixing.examples()[:4], ids=lambda example: example.name)
def test_the_shipped_net_cleans_the_examples_that_ship(example: mixing.Example) -> None:
    sound = mixing.mixture(example.speech, example.noise, example.snr_db)
    result = nets.denoise(sound, OURS)
    readings = measures.read(result)
    assert readings.si_sdr_db is not None
    gain_db = readings.si_sdr_db[1] - readings.si_sdr_db[0]
    assert gain_db > (0.5 if "Babble" in example.noise else 5.0), f"{gain_db:.1f} dB"
    assert result.y_T.square().sum() < 1.05 * sound.wave.x_T.square().sum(), "nothing is made louder"


def test_the_shipped_evidence_is_told_by_ratio_and_by_noise() -> None:
    tables = tab.by_ratio_and_noise()
    for words in ("−5 dB", "10 dB", "helicopter", "SI-SDR, dB", "<td>30</td>"):
        assert words in tables
