"""The heartbeat benchmark: the shuffled split is the same beats, and its rows read as the tables want."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.heartbeats import __main__ as table
from benchmarks.heartbeats import measures, peers
from models.ecg import BeatNet
from signals import ecg
from signals.ecg import CLASSES
from signals.synthetic_ecg import simulate
from training.data import beats, mitbih


def test_shuffling_keeps_the_beats_and_mixes_the_hearts(small_root: Path) -> None:
    honest = beats.alone()
    dealt = peers.shuffled(honest)
    assert [len(a[0]) for a in dealt] == [len(a[0]) for a in honest]
    for column in (1, 2):
        pooled = [torch.cat([arrays[column] for arrays in splits]).sort().values for splits in (honest, dealt)]
        assert torch.equal(*pooled)
    assert not set(honest.train[2].tolist()) & set(honest.test[2].tolist())
    assert set(dealt.train[2].tolist()) & set(dealt.test[2].tolist())


def test_what_the_forest_sees(small_root: Path) -> None:
    x_BD, class_B, record_B = peers.seen(mitbih.VALID, measures.window)
    alone = beats.alone().valid
    assert x_BD.shape == (len(alone[0]), 234 + 6) and torch.equal(class_B, alone[1]) and torch.equal(record_B, alone[2])
    answer_B = peers.forest((x_BD, class_B, record_B), (x_BD, class_B, record_B), trees=5)
    assert (answer_B == class_B).double().mean() > 0.9


def test_a_row_reads_as_the_tables_want(capsys: pytest.CaptureFixture[str]) -> None:
    class_B = torch.tensor([0] * 8 + [1, 2])
    row = table.line("always N", "by patient", torch.zeros(10, dtype=torch.long), class_B, torch.arange(10) // 5)
    assert row["metrics"]["accuracy"] == pytest.approx(0.8) and "always N" in capsys.readouterr().out
    cells = table.cells(row)
    assert len(cells) == len(table.COLUMNS) and cells[-2] == "0.8000" and cells[4] == "0.000"
    peer = table.peer(row, 1.5)
    assert set(peer["metrics"]) == {"f1_V", "macro_f1", "accuracy"} and peer["interval"]["n"] == 2
    assert len(CLASSES) == 5


def test_measures_need_no_label_and_know_no_gain() -> None:
    made = simulate(60, pattern=("N", "N", "N", "V"), noise_mv=0, drift_mv=0)
    x_T = ecg.clean(made.x_T)
    seen_BD = measures.measures(x_T, made.r_B)
    assert seen_BD.shape[0] == len(made.r_B) and np.isfinite(seen_BD).all()
    assert np.allclose(seen_BD, measures.measures(3 * x_T, made.r_B), atol=0.02)
    few = measures.measures(x_T, made.r_B[:3])
    assert few.shape == (3, seen_BD.shape[1]) and np.isfinite(few).all()


def test_boosted_trees_find_what_is_early(small_root: Path) -> None:
    asked = peers.seen(mitbih.VALID, measures.measures)
    answer_B, _ = peers.boosting(mitbih.TRAIN[:6], asked, trees=20)
    known_B = asked[1] < 3
    assert (answer_B == asked[1])[known_B].double().mean() > 0.8


def test_regular_hearts_and_one_beat() -> None:
    model = BeatNet().eval()
    with torch.no_grad():
        for i in range(model.members):
            model.get_parameter(f"nets.{i}.head.4.bias").copy_(torch.tensor([0.0, 50.0, 0, 0, 0]))
    found = table.regular_hearts(model, each=1, seconds=8)
    assert set(found) == set(table.RATES) and set(found.values()) == {1.0}, "a net that always says S"
    assert table.one_beat(model, n=3)["n"] == 3 == table.one_beat(BeatNet(rounds=2).eval(), n=3)["n"]
