"""Areas under curves on cases whose answer is known, and against scikit-learn."""

import math

import pytest
import torch

from signals.roc import auc, curve, macro_auc


def test_best_worst_and_undecided() -> None:
    positive = torch.tensor([0, 0, 1, 1])
    assert auc(torch.tensor([0.1, 0.2, 0.8, 0.9]), positive) == 1
    assert auc(torch.tensor([0.9, 0.8, 0.2, 0.1]), positive) == 0
    assert auc(torch.ones(4), positive) == 0.5
    assert math.isnan(auc(torch.ones(4), torch.ones(4)))


def test_it_agrees_with_scikit_learn_ties_included() -> None:
    from sklearn.metrics import roc_auc_score, roc_curve

    draw = torch.Generator().manual_seed(0)
    score, positive = torch.randint(9, (200,), generator=draw), torch.randint(2, (200,), generator=draw)
    assert auc(score, positive) == pytest.approx(roc_auc_score(positive, score))
    mine = curve(score.float(), positive.bool())
    false, true, _ = roc_curve(positive, score, drop_intermediate=False)
    assert mine.false_K.tolist() == pytest.approx(false.tolist()) and mine.true_K.tolist() == pytest.approx(
        true.tolist()
    )
    assert torch.trapezoid(mine.true_K, mine.false_K).item() == pytest.approx(auc(score, positive))


def test_the_mean_over_classes_leaves_out_what_is_not_there() -> None:
    p = torch.tensor([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    assert macro_auc(p, torch.tensor([0, 1, 0, 1])) == 1
