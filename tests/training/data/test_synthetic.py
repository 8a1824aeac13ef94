"""The voices of no person: all of them there, short, and what the program says where it is."""

import shutil

import pytest
import soundfile
import torch

from signals.audio import RATE_HZ, load
from training.data import synthetic


def test_ten_voices_say_five_sentences_and_all_is_small() -> None:
    files = [path for paths in synthetic.speakers().values() for path in paths]
    assert len(synthetic.speakers()) == 10 and len(files) == len(set(files)) == 50
    assert sorted(files) == sorted(synthetic.FOLDER.glob("*.*")), "and nothing else lies there"
    assert sum(path.stat().st_size for path in files) < 1e6
    for path in files:
        assert soundfile.info(path).samplerate == RATE_HZ and 1.5 < soundfile.info(path).duration < 4


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_the_program_says_what_ships() -> None:
    said_T = synthetic.spoken(*synthetic.VOICES["dan"], synthetic.SENTENCES[0])
    kept_T = load(synthetic.speakers()["dan"][0])
    size = min(len(said_T), len(kept_T))
    assert abs(len(said_T) - len(kept_T)) < 200
    both = torch.stack([said_T[:size], kept_T[:size]])
    assert torch.corrcoef(both)[0, 1] > 0.95
