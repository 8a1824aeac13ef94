"""Trainings that are killed go on to the same end, and the trial that counts them counts right."""

import random
from pathlib import Path

import pytest

from benchmarks import kills

pytestmark = pytest.mark.slow


def test_killed_twice_and_equal_to_the_bit(small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        kills, "moments", lambda draw: iter(["after a snapshot", "in a snapshot's write", "in the save"])
    )
    found = kills.trial(3, 40, 0, tmp_path)
    assert (found.trainings, found.equal) == (1, 1) and 1 <= found.fell.total() <= 3 and len(found.seconds) >= 2
    assert sum(n for _, n in kills.table(found)["rows"]) == found.fell.total()


def test_another_end_is_noticed(tmp_path: Path) -> None:
    ends = []
    for name, weights in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        training = kills.Training(tmp_path / name, 1)
        training.checkpoint.mkdir(parents=True)
        card = '{"metrics": 1, "validation": 1, "seeds": 1, "budget": 1, "weights_sha256": "", "evidence_sha256": ""}'
        (training.checkpoint / "card.json").write_text(card)
        (training.checkpoint / "model.safetensors").write_bytes(weights)
        ends.append(training.end())
    assert ends[0] == ends[1] != ends[2]
    (tmp_path / "a" / "left.part").touch()
    assert kills.Training(tmp_path / "a", 1).end() != ends[0], "nothing may be left behind"


def test_where_a_kill_fell_is_read_from_the_disk(tmp_path: Path) -> None:
    training = kills.Training(tmp_path, 1)
    assert training._where(0) == "before the first snapshot of that life"
    training.snapshot.parent.mkdir()
    training.snapshot.touch()
    assert training._where(0) == "between two snapshots"
    part = training.snapshot.with_name("x.part")
    part.touch()
    assert training._where(0) == "while a snapshot was written"
    training.checkpoint.mkdir(parents=True)
    (training.checkpoint / "model.safetensors").touch()
    assert training._where(0) == "while the checkpoint was written"


def test_without_data_it_says_so(no_data: Path, tmp_path: Path) -> None:
    with pytest.raises(kills.Lost, match=r"pneumoniamnist\.npz is not here"):
        kills.Training(tmp_path, 1).live(None, random.Random(0), 0)
