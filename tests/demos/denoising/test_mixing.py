"""The mixing desk: what ships is always on it, real recordings join, and a ratio is a ratio."""

import math
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from demos.denoising import mixing
from signals import audio
from signals.audio import RATE_HZ


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


def test_the_desk_mixes_at_the_ratio_that_it_shows() -> None:
    sound = mixing.mixture("Harbour, a man from London", "White noise", -5)
    assert sound.clean_T is not None and sound.title == "Harbour and white noise at −5 dB"
    before, after = (audio.stft(x)[None] for x in (sound.clean_T, sound.wave.x_T - sound.clean_T))
    ratio = 10 * math.log10(before.abs().square().sum() / after.abs().square().sum())
    assert ratio == pytest.approx(-5, abs=0.1)
