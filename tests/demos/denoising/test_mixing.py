"""The mixing desk: real voices and noises out of the samples, the same everywhere, and a ratio that is a ratio."""

import math
from pathlib import Path

import pytest
import torch

from demos.denoising import mixing
from signals import audio


def test_every_example_is_the_same_with_and_without_data(no_data: Path) -> None:
    for example in mixing.EXAMPLES.values():
        sound = mixing.mixture(example.speech, example.noise, example.snr_db)
        assert sound.clean_T is not None and 2 < sound.wave.seconds <= mixing.LONGEST
        assert sound.title.startswith(example.title)
        again = mixing.mixture(example.speech, example.noise, example.snr_db)
        assert torch.equal(sound.wave.x_T, again.wave.x_T)


def test_the_desk_has_real_voices_and_noises_and_none_twice(no_data: Path) -> None:
    assert list(mixing.speeches()) == [f"Reader {i}" for i in range(1, 11)]
    heard = [make(16_000) for make in mixing.noises().values()]
    assert len(heard) > 40 and all(len(x_T) == 16_000 and x_T.any() for x_T in heard)
    assert len({x_T.numpy().tobytes() for x_T in heard}) == len(heard)


def test_nobody_speaks_in_a_babble_in_the_recording_that_it_covers() -> None:
    voices = {make().numpy().tobytes() for make in mixing.speeches().values()}
    crowd = {mixing._read(files[0]).numpy().tobytes() for files in mixing._readers()}
    assert not voices & crowd


def test_the_desk_refuses_what_is_not_on_it() -> None:
    for arguments, words in (
        (("Nobody", "White noise", 0), "no speech"),
        (("Reader 1", "Nothing", 0), "no noise"),
        (("Reader 1", "White noise", 99), "−10|-10"),
    ):
        with pytest.raises(ValueError, match=words):
            mixing.mixture(*arguments)


@pytest.mark.parametrize(("snr_db", "words"), [(-5, "the noise 5 dB louder"), (0, "voice and noise equally loud")])
def test_the_desk_mixes_at_the_ratio_that_it_shows(snr_db: float, words: str) -> None:
    sound = mixing.mixture("Reader 3", "White noise", snr_db)
    assert sound.clean_T is not None and sound.title == f"Reader 3 and white noise, {words}"
    before, after = (audio.stft(x)[None] for x in (sound.clean_T, sound.wave.x_T - sound.clean_T))
    ratio = 10 * math.log10(before.abs().square().sum() / after.abs().square().sum())
    assert ratio == pytest.approx(snr_db, abs=0.1)
