"""Shares of right answers on closed forms and against scikit-learn, and calibration where it is known."""

import pytest
import torch
from sklearn.metrics import confusion_matrix, f1_score

from metrics.classification import accuracy, calibration_error, confusion, macro_f1, reliability

LABEL = torch.tensor([0, 0, 1, 1, 2, 2, 2, 3])
ANSWER = torch.tensor([0, 1, 1, 1, 2, 0, 2, 2])


def test_accuracy_and_confusion_agree_with_scikit_learn() -> None:
    counts = confusion(ANSWER, LABEL, 4)
    assert accuracy(ANSWER, LABEL) == 5 / 8
    assert counts.tolist() == confusion_matrix(LABEL, ANSWER).tolist()
    assert macro_f1(counts) == pytest.approx(f1_score(LABEL, ANSWER, average="macro"))


def test_a_calibrated_answer_has_no_calibration_error() -> None:
    confidence = torch.tensor([0.75] * 8)
    assert calibration_error(reliability(confidence, torch.tensor([1, 1, 1, 0] * 2).bool())) == pytest.approx(0)
    assert calibration_error(reliability(confidence, torch.zeros(8).bool())) == pytest.approx(0.75)
    assert reliability(torch.tensor([1.0]), torch.tensor([True]))[-1].tolist() == [1, 1, 1]


def test_calibration_error_weighs_bins_by_their_answers_and_lets_none_make_up_for_another() -> None:
    confidence = torch.tensor([0.75] * 6 + [0.25] * 2)
    right = torch.tensor([1, 0, 1, 0, 1, 0, 1, 1]).bool()  # too sure by 0.25 of six, too modest by 0.75 of two
    assert calibration_error(reliability(confidence, right)) == pytest.approx(6 / 8 * 0.25 + 2 / 8 * 0.75)
