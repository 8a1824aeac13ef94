"""Curves, areas under them and equal errors on cases whose answer is known, and against scikit-learn."""

import math
from collections.abc import Callable

import pytest
import torch
from sklearn.metrics import det_curve as sklearn_det_curve
from sklearn.metrics import roc_auc_score

from metrics.detection import (
    auc,
    average_precision,
    det_curve,
    eer,
    equal_errors,
    macro_auc,
    min_dcf,
    precision_recall_curve,
    roc_curve,
)


def test_best_worst_and_undecided() -> None:
    positive = torch.tensor([0, 0, 1, 1])
    assert auc(torch.tensor([0.1, 0.2, 0.8, 0.9]), positive) == 1
    assert auc(torch.tensor([0.9, 0.8, 0.2, 0.1]), positive) == 0
    assert auc(torch.ones(4), positive) == 0.5
    assert math.isnan(auc(torch.ones(4), torch.ones(4)))


def scored(n: int = 200) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores of which many are equal, and which of them are positive."""
    draw = torch.Generator().manual_seed(0)
    return torch.randint(9, (n,), generator=draw).float(), torch.randint(2, (n,), generator=draw).bool()


def test_the_area_is_the_share_of_pairs_in_the_right_order_and_scikit_learn_s() -> None:
    score, positive = scored()
    above = score[positive][:, None] - score[~positive][None]
    assert auc(score, positive) == pytest.approx(((above > 0).double() + (above == 0) / 2).mean().item())
    assert auc(score, positive) == pytest.approx(roc_auc_score(positive, score))


def test_the_roc_curve_counts_at_every_threshold() -> None:
    score, positive = scored()
    curve = roc_curve(score, positive)
    thresholds = score.unique().flip(0)
    assert curve.false_K[0] == curve.true_K[0] == 0 and len(curve.false_K) == len(thresholds) + 1
    assert curve.false_K[1:].tolist() == pytest.approx(
        [(score[~positive] >= t).double().mean().item() for t in thresholds]
    )
    assert curve.true_K[1:].tolist() == pytest.approx(
        [(score[positive] >= t).double().mean().item() for t in thresholds]
    )
    assert torch.trapezoid(curve.true_K, curve.false_K).item() == pytest.approx(auc(score, positive))


def test_the_precision_recall_curve_counts_at_every_threshold() -> None:
    score, positive = scored()
    recall_K, precision_K = precision_recall_curve(score, positive)
    thresholds = score.unique().flip(0)
    assert precision_K.tolist() == pytest.approx([positive[score >= t].double().mean().item() for t in thresholds])
    assert recall_K.tolist() == pytest.approx([(score[positive] >= t).double().mean().item() for t in thresholds])
    steps = recall_K.diff(prepend=torch.zeros(1, dtype=torch.float64))
    assert average_precision(score, positive) == pytest.approx((steps * precision_K).sum().item())


def test_average_precision_by_hand() -> None:
    # positives at ranks 1 and 3 of 4: (1/1 + 2/3) / 2
    assert average_precision(torch.tensor([4.0, 3, 2, 1]), torch.tensor([1, 0, 1, 0])) == pytest.approx(5 / 6)


@pytest.mark.parametrize("measure", [roc_curve, precision_recall_curve, average_precision])
@pytest.mark.parametrize("positive", [torch.ones(3), torch.zeros(3)], ids=["all", "none"])
def test_one_kind_alone_has_no_curve(
    measure: Callable[[torch.Tensor, torch.Tensor], object], positive: torch.Tensor
) -> None:
    with pytest.raises(ValueError, match="both positives and others"):
        measure(torch.arange(3.0), positive.bool())


def test_the_mean_over_classes_leaves_out_what_is_not_there() -> None:
    p = torch.tensor([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    assert macro_auc(p, torch.tensor([0, 1, 0, 1])) == 1


def test_errors_of_separable_and_of_identical_scores() -> None:
    low, high = torch.linspace(-1, 0.2, 40), torch.linspace(0.3, 1, 25)
    assert eer(high, low) == 0 and min_dcf(high, low) == 0
    assert equal_errors(high, low).threshold == pytest.approx(0.3)
    same = torch.randn(400, generator=torch.Generator().manual_seed(0))
    assert eer(same, same) == pytest.approx(0.5)
    assert min_dcf(same, same) == pytest.approx(1.0)
    assert eer(low, high) == pytest.approx(1.0)


def test_equal_errors_lie_between_two_thresholds() -> None:
    # one of four is rejected and one of five accepted at most thresholds: the lines cross between 1/5 and 1/4
    same, different = torch.tensor([0.1, 0.6, 0.7, 0.8]), torch.tensor([0.0, 0.05, 0.2, 0.3, 0.65])
    assert 0.2 <= eer(same, different) <= 0.25
    assert eer(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 2.0])) == pytest.approx(0.5)


def test_gaussian_scores_have_the_error_that_theory_gives() -> None:
    draw = torch.Generator().manual_seed(0)
    same, different = 2 + torch.randn(200_000, generator=draw), torch.randn(200_000, generator=draw)
    rate, threshold = equal_errors(same, different)
    assert rate == pytest.approx(0.1587, abs=2e-3) and threshold == pytest.approx(1.0, abs=0.02)


def test_the_det_curve_agrees_with_scikit_learn() -> None:
    draw = torch.Generator().manual_seed(1)
    same = (1 + torch.randn(70, generator=draw)).round(decimals=1)  # rounded, so that some scores are equal
    different = torch.randn(110, generator=draw).round(decimals=1)
    ours = det_curve(same, different)
    label = torch.cat([torch.ones(70), torch.zeros(110)])
    accept, reject, threshold = sklearn_det_curve(label, torch.cat([same, different]).double())
    found = {round(t, 3): (a, r) for t, a, r in zip(*(x.tolist() for x in ours), strict=True)}
    for t, a, r in zip(threshold.tolist(), accept.tolist(), reject.tolist(), strict=True):
        if math.isfinite(t):
            assert found[round(t, 3)] == pytest.approx((a, r))
    assert ours.false_accept_K[0] == 1 and ours.false_reject_K[-1] == 1
    assert (ours.false_accept_K.diff() <= 0).all() and (ours.false_reject_K.diff() >= 0).all()


def test_the_least_cost_by_hand() -> None:
    same, different = torch.tensor([0.2, 0.9]), torch.tensor([0.1, 0.5])
    assert min_dcf(same, different, p_same=0.5) == pytest.approx(0.5)  # half of the sames rejected, none accepted
    assert min_dcf(same, different, p_same=0.01) == pytest.approx(0.5)


def test_trials_of_one_kind_have_no_curve() -> None:
    with pytest.raises(ValueError, match="both same-speaker and different-speaker"):
        det_curve(torch.tensor([0.5]), torch.tensor([]))
