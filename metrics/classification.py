"""How often a kind is named rightly, and whether the confidence means what it says."""

import torch
from torch import Tensor


def accuracy(predicted_B: Tensor, label_B: Tensor) -> float:
    """The share of predictions that are right, 0 to 1."""
    return (predicted_B == label_B).double().mean().item()


def confusion(predicted_B: Tensor, label_B: Tensor, classes: int) -> Tensor:
    """Counts `(classes, classes)` int64: row = the truth, column = the answer."""
    return torch.bincount(label_B * classes + predicted_B, minlength=classes**2).reshape(classes, classes)


def macro_f1(confusion_CC: Tensor) -> float:
    """The mean over classes of 2 · precision · recall / (precision + recall); a class never met counts 0."""
    counts = confusion_CC.double()
    hits = counts.diag()
    return (2 * hits / (counts.sum(0) + counts.sum(1)).clamp(min=1)).mean().item()


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
