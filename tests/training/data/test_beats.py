"""Beats cut from whole records: split by patient, in their order, runs to learn from, made-up ones among them."""

from pathlib import Path

import pytest
import torch

from signals import ecg
from signals.ecg import CLASSES
from signals.ecg_context import AROUND, RHYTHM
from training import DataMissing
from training.data import beats, incartdb, mitbih, samples, svdb
from training.data._root import root
from training.data.mitbih import TEST, TRAIN, VALID


@pytest.fixture
def real() -> None:
    if not (root() / "mitdb" / "234.atr").exists():
        pytest.skip(f"MIT-BIH is not below WAVELENS_DATA ({root()})")


def names(record_B: torch.Tensor) -> set[str]:
    return {mitbih.RECORDS[i] for i in record_B.unique()}


def test_alone_and_in_order(small_root: Path) -> None:
    alone, order = beats.alone(), beats.in_rhythm()
    for a, part in zip(alone, (TRAIN, VALID, TEST), strict=True):
        assert a[0].shape[1:] == (1, ecg.ALONE) and names(a[2]) == set(part)
        assert {CLASSES[k] for k in a[1].unique()} == set("NSVF")
    for a, o in zip(alone[1:], order[1:], strict=True):
        assert o[0].shape[1:] == (4, 2 * AROUND) and o[1].shape[1:] == (len(RHYTHM),)
        assert torch.equal(a[1], o[2]) and torch.equal(a[2], o[3])
        assert len(o[3].unique_consecutive()) == len(o[3].unique()), "the beats of a record stand together"
    assert beats.log_prior().exp()[4].item() == pytest.approx(0.01)


def test_runs_to_learn_from(small_root: Path) -> None:
    whole, real = beats.in_rhythm(), beats.in_rhythm(made_up=False)
    for splits in (whole, real):
        x_RLCT, rhythm_RLF, class_RL, record_R = splits.train
        assert x_RLCT.shape[1:] == (beats.RUN, 4, 2 * AROUND) and rhythm_RLF.shape[1:] == (beats.RUN, len(RHYTHM))
        assert class_RL.shape == (len(record_R), beats.RUN) and names(record_R) == set(TRAIN)
    assert (real.train[2] >= 0).all() and (whole.train[2] == -1).any(), "of made-up fibrillation not all is asked"
    assert len(whole.train[0]) == len(real.train[0]) + 2 * len(TRAIN)
    assert torch.equal(whole.train[0][: len(real.train[0])], real.train[0])
    again = beats.in_rhythm(train=TRAIN[3:5]).train
    kept_R = torch.isin(whole.train[3], torch.tensor([3, 4]))
    assert all(torch.equal(a, w[kept_R]) for a, w in zip(again, whole.train, strict=True)), "made up always the same"


def test_a_run_is_beats_that_follow_one_another(small_root: Path) -> None:
    x_BCT, rhythm_BF, class_B, record_B = beats.in_rhythm(train=(), valid=TRAIN[:1], test=()).valid
    runs = beats._runs((x_BCT, rhythm_BF, class_B, record_B), (2, 2, 2))
    assert torch.equal(runs[0][1], x_BCT[2:42]) and torch.equal(runs[2][1], class_B[2:42])


@pytest.mark.parametrize(("rare", "starts"), [(0, [0, 20, 40, 60]), (2, [0, 20, 30, 40, 50, 60]), (1, None)])
def test_what_is_rare_is_met_more_often(rare: int, starts: list[int] | None) -> None:
    class_B = torch.zeros(100, dtype=torch.long)
    class_B[65] = rare
    found = beats._runs((torch.arange(100), class_B, torch.zeros(100)), (20, 10, 5))[0][:, 0].tolist()
    assert found == (starts or [0, 20, *range(30, 61, 5)])


def test_q_is_not_asked_and_few_beats_are_no_run() -> None:
    class_B = torch.full((50,), 4)
    assert (beats._runs((torch.arange(50), class_B, torch.zeros(50)), (5, 5, 5))[1] == -1).all()
    few = beats._runs((torch.arange(9), class_B[:9], torch.zeros(9)), (5, 5, 5))
    assert [len(t) for t in few] == [0, 0, 0]


def test_other_databases_to_learn_from(small_root: Path) -> None:
    train = (*TRAIN[:1], svdb.RECORDS[5], incartdb.RECORDS[7])
    *_, class_RL, record_R = beats.in_rhythm(train=train).train
    assert record_R.unique().tolist() == [beats.NUMBERS[name] for name in train]
    assert [beats.NUMBERS[name] for name in mitbih.RECORDS] == list(range(44))
    assert {CLASSES[k] for k in class_RL.unique() if k >= 0} == set("NSVF")


def test_the_samples_are_enough() -> None:
    with samples():
        train, valid, test = beats.in_rhythm(train=TRAIN + svdb.RECORDS)
    assert names(train[-1]) <= set(TRAIN) and names(valid[-1]) <= set(VALID) and names(test[-1]) <= set(TEST)
    assert len(train[0]) > 100 and len(valid[0]) > 500


def test_missing(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"nothing/mitdb is not here.*physionet.*WAVELENS_OFFLINE forbids"):
        beats.alone()


@pytest.mark.data
def test_the_real_counts(real: None) -> None:
    splits = beats.alone()
    assert [len(arrays[0]) for arrays in splits] == [41_848, 9_155, 49_692]
    assert splits.test[1].bincount().tolist() == [44_240, 1_837, 3_220, 388, 7]
    assert splits.valid[1].bincount()[1:3].tolist() == [203, 607]
