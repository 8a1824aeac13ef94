"""How well a score puts one kind above another, whatever the threshold: ROC and DET curves and their summaries."""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class RocCurve(NamedTuple):
    """Shares from (0, 0) to (1, 1): of the others that lie above each threshold, and of the positives that do."""

    false_K: Tensor
    true_K: Tensor


class PrecisionRecallCurve(NamedTuple):
    """Of the positives the share above each threshold, rising to 1, and of what lies above it the positive share."""

    recall_K: Tensor
    precision_K: Tensor


def auc(score_B: Tensor, positive_B: Tensor) -> float:
    """The chance that a positive scores above another, ties counting half (Mann and Whitney 1947); NaN without both."""
    from scipy.stats import rankdata  # not on the way of the first page; 20 times as fast as sklearn's in a bootstrap

    positive_B = positive_B.bool()
    n, m = int(positive_B.sum()), int((~positive_B).sum())
    if not n or not m:
        return math.nan
    rank_B = rankdata(score_B.numpy())  # from 1; equals share the mean of their ranks
    return float(rank_B[positive_B.numpy()].sum() - n * (n + 1) / 2) / (n * m)


def macro_auc(p_BC: Tensor, label_B: Tensor) -> float:
    """The mean over classes of one class against the rest; a class that is all or none of the labels is left out."""
    found = torch.tensor([auc(p_BC[:, c], label_B == c) for c in range(p_BC.shape[1])])
    return found.nanmean().item()


def roc_curve(score_B: Tensor, positive_B: Tensor) -> RocCurve:
    """Every point of the curve `(K,)` float64, one for each distinct score, from the strictest threshold to none.

    Raises ValueError where all or none are positive.
    """
    from sklearn import metrics  # takes a second

    _both_kinds(positive_B)
    false_K, true_K, _ = metrics.roc_curve(positive_B, score_B, drop_intermediate=False)
    return RocCurve(torch.from_numpy(false_K), torch.from_numpy(true_K))


def precision_recall_curve(score_B: Tensor, positive_B: Tensor) -> PrecisionRecallCurve:
    """Every point of the curve `(K,)` float64, one for each distinct score, from the strictest threshold to none.

    Raises ValueError where all or none are positive.
    """
    from sklearn import metrics

    _both_kinds(positive_B)
    precision_K, recall_K, _ = metrics.precision_recall_curve(positive_B, score_B)
    # scikit-learn begins at the laxest threshold, and ends with a point that belongs to none: turned, and left out
    return PrecisionRecallCurve(torch.tensor(recall_K).flip(0)[1:], torch.tensor(precision_K).flip(0)[1:])


def average_precision(score_B: Tensor, positive_B: Tensor) -> float:
    """Σ (recall_k − recall_{k−1}) precision_k over the thresholds from the strictest on: 1 is best, their share chance.

    Raises ValueError where all or none are positive.
    """
    from sklearn import metrics

    _both_kinds(positive_B)
    return float(metrics.average_precision_score(positive_B, score_B))


def _both_kinds(positive_B: Tensor) -> None:
    if positive_B.all() or not positive_B.any():
        raise ValueError("both positives and others are needed for a curve")


class DetCurve(NamedTuple):
    """Detection error trade-off: at each rising `threshold_K`, the share of either kind of error (float64).

    A trial is accepted where its score reaches the threshold, so `false_accept_K` falls from 1 to 0 and
    `false_reject_K` rises from 0 to 1; the last threshold is infinite.
    """

    threshold_K: Tensor
    false_accept_K: Tensor
    false_reject_K: Tensor


def det_curve(same_P: Tensor, different_N: Tensor) -> DetCurve:
    """Both errors at every threshold that matters (Martin et al. 1997); ValueError where a kind of trial is missing."""
    if not len(same_P) or not len(different_N):
        raise ValueError("both same-speaker and different-speaker trials are needed")
    same_P, different_N = same_P.double().sort().values, different_N.double().sort().values
    threshold_K = torch.cat([same_P, different_N, torch.tensor([math.inf], dtype=torch.float64)]).unique()
    rejected_K = torch.searchsorted(same_P, threshold_K)  # those below the threshold
    accepted_K = len(different_N) - torch.searchsorted(different_N, threshold_K)
    return DetCurve(threshold_K, accepted_K / len(different_N), rejected_K / len(same_P))


class EqualErrors(NamedTuple):
    """Where both errors are equal: their rate, and the threshold at which that is so."""

    rate: float
    threshold: float


def equal_errors(same_P: Tensor, different_N: Tensor) -> EqualErrors:
    """The point of the DET curve at which both errors are equal, on the straight line between its two neighbours."""
    threshold_K, accept_K, reject_K = det_curve(same_P, different_N)
    gap_K = accept_K - reject_K  # falls from 1 to −1
    k = int((gap_K >= 0).sum()) - 1
    share = (gap_K[k] / (gap_K[k] - gap_K[k + 1])).item()
    rate = accept_K[k] + share * (accept_K[k + 1] - accept_K[k])
    last = threshold_K[k + 1] if threshold_K[k + 1].isfinite() else threshold_K[k]
    return EqualErrors(rate.item(), (threshold_K[k] + share * (last - threshold_K[k])).item())


def eer(same_P: Tensor, different_N: Tensor) -> float:
    """The equal error rate, 0 to 1: of separable scores 0, of two identical distributions 0.5."""
    return equal_errors(same_P, different_N).rate


def min_dcf(same_P: Tensor, different_N: Tensor, *, p_same: float = 0.01) -> float:
    """The least detection cost over all thresholds, where 1 is what always giving the same answer costs (NIST).

    Of all trials a share `p_same` are of one speaker, and both errors cost the same.
    """
    _, accept_K, reject_K = det_curve(same_P, different_N)
    cost_K = p_same * reject_K + (1 - p_same) * accept_K
    return (cost_K.min() / min(p_same, 1 - p_same)).item()
