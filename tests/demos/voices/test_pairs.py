"""What is at hand to be compared: test speakers, and the truth about them."""

from pathlib import Path

import pytest

from demos.voices import pairs
from demos.voices.nets import load_recording
from signals import audio
from signals.audio import RATE_HZ


def test_every_pair_is_at_hand_without_data_and_tells_the_truth(no_data: Path) -> None:
    for which, ((first, _), (second, _)) in pairs.PAIRS.items():
        pair = pairs.example_pair(which)
        assert pair.a != pair.b and all(load_recording(path, which).seconds > 1 for path in (pair.a, pair.b))
        if pair.same is not None:
            assert pair.same == (first == second) == (pair.a.parent == pair.b.parent)
            assert first in pair.truth and second in pair.truth


def test_people_are_numbered_and_none_is_called_by_a_file(no_data: Path) -> None:
    assert list(pairs.people()) == [f"Woman {i}" for i in (1, 2, 3)] + [f"Man {i}" for i in range(1, 8)]
    women = {path.parent.name[0] for who, files in pairs.people().items() for path in files if who[0] == "W"}
    assert women == {"f"}, "AN4's own names open with it"


@pytest.mark.parametrize("same", [True, False])
def test_a_test_trial_tells_the_truth(no_data: Path, same: bool) -> None:
    pair = pairs.random_trial(same, lambda found: found[0])
    assert pair.same == same == (pair.a.parent == pair.b.parent) and pair.a != pair.b
    assert ("one person" in pair.truth) == same


def test_a_speaker_can_be_chosen_by_name() -> None:
    rate_hz, samples = pairs.load_speaker("Woman 1, recording 2")
    assert rate_hz == RATE_HZ and samples.dtype.name == "int16"
    assert len(samples) == len(audio.load(pairs.people()["Woman 1"][1]))
