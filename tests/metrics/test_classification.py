"""Shares of right answers on closed forms and against scikit-learn, and calibration where it is known."""

import pytest
import torch
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from metrics.classification import (
    accuracy,
    against_rest,
    binary,
    calibration_error,
    confusion,
    f1,
    macro_f1,
    reliability,
)

LABEL = torch.tensor([0, 0, 1, 1, 2, 2, 2, 3])
ANSWER = torch.tensor([0, 1, 1, 1, 2, 0, 2, 2])


def test_accuracy_and_confusion_agree_with_scikit_learn() -> None:
    counts = confusion(ANSWER, LABEL, 4)
    assert accuracy(ANSWER, LABEL) == 5 / 8
    assert counts.tolist() == confusion_matrix(LABEL, ANSWER).tolist()
    assert f1(counts).tolist() == pytest.approx(f1_score(LABEL, ANSWER, average=None))  # type: ignore[arg-type]
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


@pytest.mark.parametrize("k", range(4))
def test_one_class_against_the_rest(k: int) -> None:
    counts = against_rest(confusion(ANSWER, LABEL, 4), k)
    other, said = LABEL.ne(k), ANSWER.ne(k)
    assert counts.tolist() == confusion_matrix(other, said).tolist()
    assert binary(counts) == pytest.approx(
        {
            "accuracy": accuracy(said, other),
            "precision": precision_score(other, said),
            "recall": recall_score(other, said),
            "specificity": recall_score(~other, ~said),
            "f1": f1_score(other, said),
        }
    )


def test_nothing_found_is_zero_and_not_a_division_by_it() -> None:
    assert set(binary(torch.zeros(2, 2)).values()) == {0.0}
