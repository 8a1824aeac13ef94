"""The players get what was computed, to the sample, and nothing is rescaled."""

from pathlib import Path

import pytest
import soundfile
import torch
from torch import Tensor

from demos.denoising import mixing, players, tab
from demos.denoising.nets import OURS, SHIPPED, Denoised, Sound, denoise, read_upload
from signals.audio import RATE_HZ, Wave
from tests.demos.denoising.conftest import last, samples


def test_the_files_hold_what_was_computed_and_nothing_is_rescaled(
    untrained: Path, voice: Tensor, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "quiet.wav", 0.01 * voice.numpy(), RATE_HZ, subtype="FLOAT")
    answer = last(tab.denoise_file(str(tmp_path / "quiet.wav"), OURS, SHIPPED, None))
    result, deck = denoise(read_upload(str(tmp_path / "quiet.wav")), OURS, SHIPPED), answer.players
    (noisy_T, _), (denoised_T, _) = samples(deck, "noisy"), samples(deck, "denoised")
    assert (noisy_T - 0.01 * voice).abs().max() < 1 / 32768, "a quiet recording stays quiet"
    assert (denoised_T - result.y_T).abs().max() < 1 / 32768
    assert soundfile.info(deck["files"]["denoised"]["path"]).subtype == "PCM_16"


def test_what_would_clip_is_turned_down_as_one_and_said() -> None:
    sound = mixing.mixture("Reader 2", "Crackle of a record", -10)
    assert sound.clean_T is not None and sound.wave.x_T.abs().max() <= 1
    assert "turned down by" in sound.wave.notes[0]
    quiet = Denoised(Sound(Wave(torch.tensor([0.5, 1.5]), RATE_HZ), ""), OURS, SHIPPED, torch.tensor([0.5, 0.25]), 0.0)
    files = players.deck(quiet)
    assert samples(files, "noisy")[0].tolist() == pytest.approx([1 / 3, 1], abs=1e-4)
    assert samples(files, "denoised")[0].tolist() == pytest.approx([1 / 3, 1 / 6], abs=1e-4), "by the same factor"
