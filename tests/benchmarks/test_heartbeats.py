"""The heartbeat benchmark: the shuffled split is the same beats, and its rows read as the tables want."""

from pathlib import Path

import pytest
import torch

from benchmarks import heartbeats
from signals.ecg import CLASSES
from training.data import mitbih


def test_shuffling_keeps_the_beats_and_mixes_the_hearts(small_root: Path) -> None:
    honest = mitbih.beats_alone()
    dealt = heartbeats.shuffled(honest)
    assert [len(a[0]) for a in dealt] == [len(a[0]) for a in honest]
    for column in (1, 2):
        pooled = [torch.cat([arrays[column] for arrays in splits]).sort().values for splits in (honest, dealt)]
        assert torch.equal(*pooled)
    assert not set(honest.train[2].tolist()) & set(honest.test[2].tolist())
    assert set(dealt.train[2].tolist()) & set(dealt.test[2].tolist())


def test_what_the_forest_sees(small_root: Path) -> None:
    x_BD, class_B, record_B = heartbeats.windows(mitbih.VALID)
    alone = mitbih.beats_alone().valid
    assert x_BD.shape == (len(alone[0]), 234 + 6) and torch.equal(class_B, alone[1]) and torch.equal(record_B, alone[2])
    answer_B = heartbeats.forest((x_BD, class_B, record_B), (x_BD, class_B, record_B), trees=5)
    assert (answer_B == class_B).double().mean() > 0.9


def test_a_row_reads_as_the_tables_want(capsys: pytest.CaptureFixture[str]) -> None:
    class_B = torch.tensor([0] * 8 + [1, 2])
    row = heartbeats.line("always N", "by patient", torch.zeros(10, dtype=torch.long), class_B, torch.arange(10) // 5)
    assert row["metrics"]["accuracy"] == pytest.approx(0.8) and "always N" in capsys.readouterr().out
    cells = heartbeats.cells(row)
    assert len(cells) == len(heartbeats.COLUMNS) and cells[-2] == "0.8000" and cells[4] == "0.000"
    peer = heartbeats.peer(row, 1.5)
    assert set(peer["metrics"]) == {"macro_f1"} and peer["interval"]["n"] == 2
    assert len(CLASSES) == 5
