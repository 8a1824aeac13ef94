"""Frauds by score: thresholds, alarms a day, and steps that learn normal payments."""

from dataclasses import replace

import pytest
import torch

from training import Run
from training.data import samples
from training.recipes import fraud_denoising, fraud_sparse
from training.tasks.fraud import DAY, at_most, best_f1, evidence, f1_at

SCORE = torch.tensor([9.0, 8.0, 7.0, 6.0, 5.0, 4.0])
FRAUD = torch.tensor([True, False, True, False, False, True])


def test_the_best_f1_and_its_threshold() -> None:
    best = best_f1(SCORE, FRAUD)
    assert best.score == 7 and best.f1 == pytest.approx(2 * 2 / (3 + 3))
    assert f1_at(7, SCORE, FRAUD) == pytest.approx(best.f1) and f1_at(100, SCORE, FRAUD) == 0
    assert best.f1 == pytest.approx(max(f1_at(t, SCORE, FRAUD) for t in SCORE.tolist()))


def test_alarms_a_day_count_what_the_rows_stand_for() -> None:
    weight_B = torch.where(FRAUD, 1.0, 10.0)
    split = (torch.zeros(6, 2), FRAUD.long(), torch.linspace(0, DAY, 6), weight_B)
    assert at_most(1, SCORE, split) == (1.0, pytest.approx(1 / 3))
    assert at_most(12, SCORE, split) == (pytest.approx(2 / 12), pytest.approx(2 / 3))
    assert at_most(0.5, SCORE, split) == (0, 0), "not one alarm"


@pytest.mark.parametrize("recipe", [fraud_denoising.recipe, fraud_sparse.recipe], ids=lambda r: r.name)
def test_a_short_training_on_the_samples_finds_frauds(recipe) -> None:  # type: ignore[no-untyped-def]
    with samples():
        run = Run(replace(recipe, budget=replace(recipe.budget, steps=300, eval_every=100)))
        for _ in run:
            pass
        model = run.best_model()
        found = recipe.evaluate(model, run.splits.test)
        chance = run.splits.test[1].float().mean().item()
    assert found["auprc"] > 5 * chance and found["auroc"] > 0.85
    away = model.residual(model.standardised(run.splits.train[0]))
    assert (model.residual_mean - away.mean(0)).abs().max() < 1e-5, "settled on all training rows"


def test_the_evidence_has_what_the_desk_needs() -> None:
    with samples():
        splits = fraud_denoising.recipe.data()
        model = fraud_denoising.recipe.checkpoint().model
        found = evidence(model, splits, rows=True)
    n = len(splits.test[1])
    assert found["x"].shape == (n, 29) and found["score"].shape == found["plain_score"].shape == (n,)
    assert len(found["valid_score"]) == len(splits.valid[1]) == len(found["valid_plain_score"])
    assert found["normal"].shape[1] == 29 and torch.equal(found["label"].long(), splits.test[1])
    assert "x" not in evidence(model, splits)
