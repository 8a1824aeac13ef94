"""Receiver operating characteristic: how well a score puts one kind above another, whatever the threshold."""

from typing import NamedTuple

import torch
from torch import Tensor


class Curve(NamedTuple):
    """Shares from (0, 0) to (1, 1): of the others that lie above each threshold, and of the positives that do."""

    false_K: Tensor
    true_K: Tensor


def auc(score_B: Tensor, positive_B: Tensor) -> float:
    """The chance that a positive scores above another, ties counting half (Mann and Whitney 1947); NaN without both."""
    score_B, positive_B = score_B.double(), positive_B.bool()
    n, m = int(positive_B.sum()), int((~positive_B).sum())
    if not n or not m:
        return float("nan")
    _, which_B, count_K = score_B.unique(return_inverse=True, return_counts=True)
    middle_K = count_K.cumsum(0) - (count_K - 1) / 2  # the mean rank of equals, from 1
    return ((middle_K[which_B][positive_B].sum() - n * (n + 1) / 2) / (n * m)).item()


def macro_auc(p_BC: Tensor, label_B: Tensor) -> float:
    """The mean over classes of one class against the rest; a class that is all or none of the labels is left out."""
    found = torch.tensor([auc(p_BC[:, c], label_B == c) for c in range(p_BC.shape[1])])
    return found.nanmean().item()


def curve(score_B: Tensor, positive_B: Tensor) -> Curve:
    """Every point of the curve, one for each distinct score, from the strictest threshold to none."""
    order = score_B.argsort(descending=True, stable=True)
    sorted_B, hit_B = score_B[order], positive_B[order].double()
    last = torch.cat([sorted_B[1:] != sorted_B[:-1], torch.ones(1, dtype=torch.bool)])
    true_K, all_K = hit_B.cumsum(0)[last], torch.arange(1, len(hit_B) + 1)[last]
    zero = torch.zeros(1, dtype=torch.float64)
    n, m = hit_B.sum().clamp(min=1), (1 - hit_B).sum().clamp(min=1)
    return Curve(torch.cat([zero, (all_K - true_K) / m]), torch.cat([zero, true_K / n]))
