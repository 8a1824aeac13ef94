"""Leaving out in turn: whole units, each answered once, by a net that never met it."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from benchmarks.choices import _folds, cells_cnn
from training import Arrays, Budget, Metric, Recipe, Source
from training._steps import adamw
from training.data import crc_cells


def test_whole_units_are_dealt_into_folds_of_about_one_size() -> None:
    unit_B = torch.tensor([7] * 50 + [3] * 30 + [5] * 30 + [1] * 20 + [9] * 20)
    fold_B = _folds.dealt(unit_B, 3)
    assert all(len(fold_B[unit_B == unit].unique()) == 1 for unit in unit_B.unique()), "no unit is cut in two"
    assert sorted(fold_B.bincount().tolist()) == [50, 50, 50]


def test_more_folds_than_units_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="2 units cannot be left out in 3 folds"):
        _folds.dealt(torch.tensor([1, 1, 2]), 3)


def test_each_unit_is_answered_by_a_net_that_never_met_it() -> None:
    unit_B = torch.arange(12) // 2
    met: list[set[int]] = []

    def step(model: nn.Module, batch: Arrays, *_: object) -> dict[str, torch.Tensor]:
        met[-1].update(batch[1].tolist())
        return {"loss": torch.zeros(())}

    def model() -> nn.Module:
        met.append(set())
        return nn.Linear(1, 1)

    def answer(_: nn.Module, arrays: Arrays) -> torch.Tensor:
        assert not met[-1] & set(arrays[1].tolist()), "it had met one of them"
        return arrays[0]

    recipe = Recipe(
        name="nothing",
        model=partial(model),
        data=lambda: pytest.fail("the folds are the data"),
        source=Source(title="", address="", licence="", split=""),
        optimizers=adamw(),
        step=step,
        evaluate=lambda *_: {"a": 0.0},
        budget=Budget(steps=20, batch_size=4, lr=0.1),
        headline=Metric(key="a", title="a"),
    )
    x_B = torch.arange(12.0)
    found_B = _folds.out_of_fold(recipe, (x_B, unit_B), _folds.dealt(unit_B, 3), answer)
    assert found_B.tolist() == x_B.tolist() and len(met) == 3


def test_patients_of_train_and_validation_are_told_apart(small_root: Path) -> None:
    train, valid, _ = crc_cells.splits()
    assert set(train[2].tolist()) & set(valid[2].tolist()), "each file counts from 0"
    _, label_B, patient_B, weight_B, index_B = cells_cnn.everyone()
    n = len(train[2])
    assert len(patient_B.unique()) == len(train[2].unique()) + len(valid[2].unique())
    assert not set(patient_B[:n].tolist()) & set(patient_B[n:].tolist())
    assert label_B.tolist() == [*train[1].tolist(), *valid[1].tolist()] and index_B.tolist() == list(
        range(len(label_B))
    )
    assert weight_B.mean().item() == pytest.approx(1)


def test_offsets_undo_a_bias_and_come_from_the_other_folds() -> None:
    draw = torch.Generator().manual_seed(0)
    label_B = torch.randint(0, 3, (600,), generator=draw)
    logit_BC = 2.0 * torch.eye(3)[label_B] + torch.randn(600, 3, generator=draw)
    biased_BC = logit_BC - torch.tensor([1.5, 0.0, 0.0])
    fold_B = torch.arange(600) % 2
    found_BC = cells_cnn.cross_fitted(biased_BC, label_B, fold_B)
    assert cells_cnn.macro_f1_of(biased_BC + found_BC, label_B) > cells_cnn.macro_f1_of(biased_BC, label_B) + 0.05
    others_C = cells_cnn.offsets(biased_BC[fold_B == 1], label_B[fold_B == 1])
    assert torch.equal(found_BC[fold_B == 0], others_C.expand(300, 3))
