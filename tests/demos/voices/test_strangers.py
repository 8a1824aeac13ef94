"""Strangers: no person, or too little of one; and the test speakers are none."""

from pathlib import Path

import pytest
import torch

from demos.voices import pairs, strangers
from demos.voices.nets import Recording, as_recording, load_recording
from demos.voices.strangers import TOO_SHORT, UNLIKE
from signals import synthetic
from signals.audio import RATE_HZ


def why(x_T: torch.Tensor) -> str:
    return strangers.strange({"A": as_recording(x_T, "A")}).get("A", "")


def test_real_test_voices_are_hardly_ever_taken_for_strangers() -> None:
    known = strangers.acquaintance()
    mistaken = strangers.mistaken()
    assert mistaken is not None and mistaken <= 0.05 and len(known["distance"]) == 240
    every = {f"{who} {p.stem}": load_recording(p, who) for who, files in pairs.people().items() for p in files}
    assert not [name for name, reason in strangers.strange(every).items() if reason != TOO_SHORT]


@pytest.mark.parametrize("which", [which for which in pairs.PAIRS if which.startswith("Strangers")])
def test_the_strangers_among_the_examples_are_noticed(which: str) -> None:
    pair = pairs.example_pair(which)
    assert set(strangers.strange({n: load_recording(p, n) for n, p in (("A", pair.a), ("B", pair.b))}).values()) == {
        UNLIKE
    }


def test_sounds_of_nobody() -> None:
    t_T = torch.arange(2 * RATE_HZ) / RATE_HZ
    assert why(0.3 * torch.sin(2 * torch.pi * 440 * t_T)) == UNLIKE
    assert all(why(synthetic.NOISES[kind](2 * RATE_HZ)) == UNLIKE for kind in ("white", "pink", "hum"))
    assert why(0.1 * torch.randn(RATE_HZ // 2)) == TOO_SHORT


def test_nobody_is_warned_where_nobody_has_measured(checkpoints: Path) -> None:
    assert strangers.mistaken() is None
    assert strangers.strange({"A": Recording(0.3 * torch.sin(torch.arange(2.0 * RATE_HZ)))}) == {}
