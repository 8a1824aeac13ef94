"""The test trials drawn: the scale holds what it shows, its ticks are round, the curve ends where it should."""

import re
from dataclasses import replace

import pytest
import torch
from markupsafe import Markup

from demos._ui.html import per_cent
from demos._ui.nets import Net
from demos.voices import trials
from demos.voices.nets import TrialScores, trial_scores
from metrics.detection import DetCurve, EqualErrors
from models.speaker import Voice

SCORES = TrialScores(
    same_P=torch.tensor([0.6, 0.7, 0.8, 0.9]), different_P=torch.tensor([-0.2, 0.0, 0.1, 0.65]),
    det=DetCurve(torch.tensor([0.0]), torch.tensor([0.0]), torch.tensor([0.0])), equal=EqualErrors(0.25, -0.004),
    threshold=0.1, scale="1 is the same",
)  # fmt: skip


def places(kind: str, text: Markup) -> list[float]:
    return [float(x) for x in re.findall(rf'class="wl-voices-{kind}" x1="(.*?)"', text)]


def test_the_scale_holds_the_threshold_and_the_pair() -> None:
    text = trials.similarity_scale(SCORES, 0.5, 1.4)
    (edge,), (pair,) = places("threshold", text), places("this", text)
    assert 0 < edge < pair == trials.WIDTH and "right:0.0%" in text and "1.40 this pair" in text
    assert text.count("<path") == 2 and "this pair 1.40" in text and "threshold</" not in text
    low = trials.similarity_scale(SCORES, -0.9, -0.5)
    assert places("threshold", low) == [0.0] and "−0.50 this pair" in low and "-0.50" not in low
    bare = trials.similarity_scale(SCORES, 0.5, small=True)
    assert not places("this", bare) and "two persons</" not in bare and "wl-key" not in bare


@pytest.mark.parametrize(("low", "high"), [(-0.2, 0.94), (0.0, 0.05), (-30.0, 55.0)])
def test_ticks_are_round_and_few(low: float, high: float) -> None:
    ticks = trials._ticks(low, high)
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks) and 1 <= len(ticks) <= 10


def test_the_rates_in_figures() -> None:
    text = trials.rates_text(SCORES, 0.62)
    assert "<b>25.0 %</b><span>of 4 trials of two persons are accepted" in text
    assert "<b>25.0 %</b><span>of 4 trials of one person are rejected" in text
    assert "where both are equal on test, at 0.00; the page begins at 0.10" in text, "no −0.00"
    assert "at −0.30;" in trials.rates_text(replace(SCORES, equal=EqualErrors(0.25, -0.3)), 0.62)


def test_the_curve_says_both_errors(net: Net[Voice]) -> None:
    scores = trial_scores(net)
    drawn = trials.det_chart(scores, 0.5)
    accepted, rejected = map(per_cent, scores.errors(0.5))
    assert f"Both errors are {per_cent(scores.equal.rate)} at the ring" in drawn
    assert f"{accepted} of the pairs of two persons are accepted and {rejected} of those" in drawn
    assert drawn.count("<circle") == 2 and drawn.count("<polyline") == 1
