"""What is measured of a score: its AUC with an interval, and against another's on the same glands."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from metrics.classification import accuracy
from metrics.detection import auc
from metrics.intervals import Interval, by_unit

ROUNDS = 2000


def area(score_B: Tensor, label_B: Tensor) -> tuple[float, Interval]:
    """AUC, and its 95 % bootstrap interval over glands."""
    glands_B = torch.arange(len(label_B))
    found = by_unit(glands_B, lambda index: {"auc": auc(score_B[index], label_B[index] == 1)}, rounds=ROUNDS)
    return auc(score_B, label_B == 1), found["auc"]


def difference(first_B: Tensor, second_B: Tensor, label_B: Tensor) -> tuple[float, Interval]:
    """AUC(first) − AUC(second), and its interval when the same glands are drawn again for both."""

    def gap(index: Tensor) -> dict[str, float]:
        positive_B = label_B[index] == 1
        return {"gap": auc(first_B[index], positive_B) - auc(second_B[index], positive_B)}

    glands_B = torch.arange(len(label_B))
    return gap(glands_B)["gap"], by_unit(glands_B, gap, rounds=ROUNDS)["gap"]


def figures(p_B: Tensor, label_B: Tensor) -> dict[str, Any]:
    """AUC with its interval, and accuracy where a probability of half decides."""
    found, interval = area(p_B, label_B)
    right = accuracy((p_B > 0.5).long(), label_B)
    return {"metrics": {"auc": found, "accuracy": right}, "interval": interval._asdict()}


def said(value: float, interval: Interval) -> str:
    """“0.910 (0.871 to 0.944)”."""
    return f"{value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def over_seeds(values: Sequence[float]) -> str:
    """“0.905 ± 0.006 (3)”: the mean, the sample deviation, how many."""
    value_S = torch.tensor(values, dtype=torch.float64)
    return f"{value_S.mean():.3f} ± {value_S.std():.3f} ({len(values)})" if len(values) > 1 else "one seed"
