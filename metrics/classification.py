"""How often a kind is named rightly, and whether the confidence means what it says."""

import torch
from torch import Tensor


def accuracy(predicted_B: Tensor, label_B: Tensor) -> float:
    """The share of predictions that are right, 0 to 1."""
    return (predicted_B == label_B).double().mean().item()


def confusion(predicted_B: Tensor, label_B: Tensor, classes: int) -> Tensor:
    """Counts `(classes, classes)` int64: row = the truth, column = the answer."""
    return torch.bincount(label_B * classes + predicted_B, minlength=classes**2).reshape(classes, classes)


def f1(confusion_CC: Tensor) -> Tensor:
    """2 · precision · recall / (precision + recall) of every class `(C,)` float64; of a class never met 0."""
    counts_CC = confusion_CC.double()
    return 2 * counts_CC.diag() / (counts_CC.sum(0) + counts_CC.sum(1)).clamp(min=1)


def macro_f1(confusion_CC: Tensor) -> float:
    """The mean of `f1` over the classes, however rare."""
    return f1(confusion_CC).mean().item()


def against_rest(confusion_CC: Tensor, k: int) -> Tensor:
    """Counts `(2, 2)` of class `k`, which comes first, and of everything else; row = the truth, column = the answer."""
    one, asked, answered = confusion_CC[k, k], confusion_CC[k].sum(), confusion_CC[:, k].sum()
    rest = confusion_CC.sum() - asked - answered + one
    return torch.stack([one, asked - one, answered - one, rest]).reshape(2, 2)


def binary(counts_22: Tensor) -> dict[str, float]:
    """Accuracy, precision, recall, specificity and F1, where the second of the two classes is the finding."""
    (quiet, alarm), (missed, found) = counts_22.double().tolist()
    return {
        "accuracy": (quiet + found) / max(1.0, quiet + alarm + missed + found),
        "precision": found / max(1.0, alarm + found),
        "recall": found / max(1.0, missed + found),
        "specificity": quiet / max(1.0, quiet + alarm),
        "f1": 2 * found / max(1.0, 2 * found + alarm + missed),
    }


def reliability(confidence_B: Tensor, right_B: Tensor, bins: int = 10) -> Tensor:
    """`(bins, 3)`: how many answers fell into each bin of confidence, their mean confidence, their accuracy."""
    which_B = (confidence_B * bins).long().clamp(max=bins - 1)
    n_K = torch.bincount(which_B, minlength=bins).double()
    confidence_K = torch.bincount(which_B, confidence_B.double(), minlength=bins) / n_K.clamp(min=1)
    accuracy_K = torch.bincount(which_B, right_B.double(), minlength=bins) / n_K.clamp(min=1)
    return torch.stack([n_K, confidence_K, accuracy_K], dim=1)


def calibration_error(reliability_K3: Tensor) -> float:
    """Expected calibration error (Naeini et al. 2015): the mean gap between confidence and accuracy, 0 to 1."""
    n_K, confidence_K, accuracy_K = reliability_K3.unbind(1)
    return ((n_K / n_K.sum()) * (confidence_K - accuracy_K).abs()).sum().item()
