"""The stored scores of the test set: the card's figures, scikit-learn's curves, lessons as they come out."""

import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from demos.heartbeats import scores
from demos.heartbeats.tab import read_at
from models import _checkpoint
from models.ecg import BeatNet


def evidence() -> dict[str, torch.Tensor]:
    return _checkpoint.load(BeatNet, "ecg").evidence


def test_stored_scores_are_the_cards() -> None:
    card, stored = _checkpoint.card("ecg"), evidence()
    assert len(stored["class"]) == card.data["n_test"] == 49_692 and stored["record"].unique().numel() == 22
    text = scores.class_table(stored, "in context")
    assert f"<b>{card.metrics['f1_S']:.3f}</b>" in text and "Q has 7 beats" in text


def test_the_threshold_moves_what_it_should() -> None:
    stored = evidence()
    low, high = (scores.at_threshold(stored, t) for t in (0.05, 0.95))
    assert low[:, 1].sum() > high[:, 1].sum() and low.sum() == high.sum() == 49_692
    assert low[1].sum() == (stored["class"] != 0).sum()
    text = scores.threshold_text(stored, 0.5)
    assert "abnormal test beats" in text and "of abnormal beats found" in text and "chosen on the test set" in text
    assert read_at("ecg", 0.3) != text


AREAS = {"ROC": roc_auc_score, "Precision and recall": average_precision_score}


@pytest.mark.parametrize("kind", AREAS)
def test_curves_with_their_areas_as_scikit_learn_has_them(kind: str) -> None:
    stored = evidence()
    words = scores.curves(stored, kind)
    assert words.count("<polyline") == 4
    for k, name in enumerate("NSVF"):
        area = AREAS[kind](stored["class"] == k, stored["probability"][:, k].float())
        assert f"{name} {area:.3f}" in words


def test_the_number_that_melts() -> None:
    stored, card = evidence(), _checkpoint.card("ecg")
    text = scores.melting_number(stored, (0.5, 0.25), card.metrics["macro_f1"])
    assert f"<b>{card.metrics['f1_S']:.3f}</b>" in text and "without record 232" in text
    assert "1,837 such beats 1,382 are one patient’s" in text
    assert (
        f"asked 3 times while this net was made (macro-F1 0.500, 0.250 and now {card.metrics['macro_f1']:.3f})" in text
    )


def test_accuracy_beside_the_headline() -> None:
    card = _checkpoint.card("ecg")
    text = scores.beside_headline(card, evidence())
    assert f"{100 * card.metrics['accuracy']:.1f} %" in text and "normal gets 89.0 %" in text


def test_the_lesson_of_the_split() -> None:
    text = scores.split_comparison()
    assert "by patient" in text and "at random" in text and "random forest" in text


@pytest.mark.parametrize(
    ("plain", "attending", "verdict"),
    [
        ([0.60, 0.61, 0.62], [0.50, 0.51, 0.52], "the plain CNN is better"),
        ([0.50, 0.51, 0.52], [0.60, 0.61, 0.62], "the one with attention is better"),
        ([0.50, 0.55, 0.60], [0.52, 0.55, 0.58], "within what the seed alone moves"),
        ([0.50], [0.60, 0.61], "nothing can be said yet"),
    ],
)
def test_the_finding_is_told_as_it_comes_out(plain: list[float], attending: list[float], verdict: str) -> None:
    assert verdict in scores.attention_comparison(plain, attending)
