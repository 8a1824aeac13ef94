"""Metrics on closed forms, and against scikit-learn and others where they have a peer."""

import math
import sys

import pytest
import torch
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.metrics import det_curve as sklearn_det_curve
from torch import Tensor

from signals.metrics import (
    Interval,
    accuracy,
    bootstrap,
    calibration_error,
    confusion,
    det_curve,
    eer,
    equal_errors,
    macro_f1,
    min_dcf,
    pesq_installed,
    pesq_wb,
    reliability,
    si_sdr_db,
    snr_db,
    stoi,
    wilson,
)

LABEL = torch.tensor([0, 0, 1, 1, 2, 2, 2, 3])
ANSWER = torch.tensor([0, 1, 1, 1, 2, 0, 2, 2])


def test_accuracy_and_confusion_agree_with_scikit_learn() -> None:
    counts = confusion(ANSWER, LABEL, 4)
    assert accuracy(ANSWER, LABEL) == 5 / 8
    assert counts.tolist() == confusion_matrix(LABEL, ANSWER).tolist()
    assert macro_f1(counts) == pytest.approx(f1_score(LABEL, ANSWER, average="macro"))


def test_wilson_interval() -> None:
    low, high, n = wilson(0.5, 100)
    assert (low, high, n) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4), 100)
    assert wilson(1.0, 10).high == pytest.approx(1.0)
    assert wilson(0.0, 10).low == pytest.approx(0.0)
    assert isinstance(wilson(0.9, 5), Interval)


def test_the_bootstrap_draws_whole_units_and_is_reproducible() -> None:
    units = [float(i % 10) for i in range(100)]
    found = bootstrap(units, lambda drawn: sum(drawn) / len(drawn))
    spread = 1.96 * (8.25 / 100) ** 0.5
    assert found.low == pytest.approx(4.5 - spread, abs=0.1) and found.high == pytest.approx(4.5 + spread, abs=0.1)
    assert found.n == 100 and found == bootstrap(units, lambda drawn: sum(drawn) / len(drawn))
    assert bootstrap([2.0] * 5, max) == (2.0, 2.0, 5)


def test_rounds_without_a_number_are_left_out_of_the_bootstrap() -> None:
    found = bootstrap([0.0, 1.0], lambda drawn: sum(drawn) if sum(drawn) else float("nan"))
    assert (found.low, found.high) == (1.0, 2.0)
    with pytest.raises(ValueError, match="never a number"):
        bootstrap([1.0], lambda drawn: float("nan"))


def test_a_calibrated_answer_has_no_calibration_error() -> None:
    confidence = torch.tensor([0.75] * 8)
    assert calibration_error(reliability(confidence, torch.tensor([1, 1, 1, 0] * 2).bool())) == pytest.approx(0)
    assert calibration_error(reliability(confidence, torch.zeros(8).bool())) == pytest.approx(0.75)
    assert reliability(torch.tensor([1.0]), torch.tensor([True]))[-1].tolist() == [1, 1, 1]


def test_errors_of_separable_and_of_identical_scores() -> None:
    low, high = torch.linspace(-1, 0.2, 40), torch.linspace(0.3, 1, 25)
    assert eer(high, low) == 0 and min_dcf(high, low) == 0
    assert equal_errors(high, low).threshold == pytest.approx(0.3)
    same = torch.randn(400, generator=torch.Generator().manual_seed(0))
    assert eer(same, same) == pytest.approx(0.5)
    assert min_dcf(same, same) == pytest.approx(1.0)
    assert eer(low, high) == pytest.approx(1.0)


def test_equal_errors_lie_between_two_thresholds() -> None:
    # one of four is rejected and one of five accepted at most thresholds: the lines cross between 1/5 and 1/4
    same, different = torch.tensor([0.1, 0.6, 0.7, 0.8]), torch.tensor([0.0, 0.05, 0.2, 0.3, 0.65])
    assert 0.2 <= eer(same, different) <= 0.25
    assert eer(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 2.0])) == pytest.approx(0.5)


def test_gaussian_scores_have_the_error_that_theory_gives() -> None:
    draw = torch.Generator().manual_seed(0)
    same, different = 2 + torch.randn(200_000, generator=draw), torch.randn(200_000, generator=draw)
    rate, threshold = equal_errors(same, different)
    assert rate == pytest.approx(0.1587, abs=2e-3) and threshold == pytest.approx(1.0, abs=0.02)


def test_the_det_curve_agrees_with_scikit_learn() -> None:
    draw = torch.Generator().manual_seed(1)
    same = (1 + torch.randn(70, generator=draw)).round(decimals=1)  # rounded, so that some scores are equal
    different = torch.randn(110, generator=draw).round(decimals=1)
    ours = det_curve(same, different)
    label = torch.cat([torch.ones(70), torch.zeros(110)])
    accept, reject, threshold = sklearn_det_curve(label, torch.cat([same, different]).double())
    found = {round(t, 3): (a, r) for t, a, r in zip(*(x.tolist() for x in ours), strict=True)}
    for t, a, r in zip(threshold.tolist(), accept.tolist(), reject.tolist(), strict=True):
        if math.isfinite(t):
            assert found[round(t, 3)] == pytest.approx((a, r))
    assert ours.false_accept_K[0] == 1 and ours.false_reject_K[-1] == 1
    assert (ours.false_accept_K.diff() <= 0).all() and (ours.false_reject_K.diff() >= 0).all()


def test_the_least_cost_by_hand() -> None:
    same, different = torch.tensor([0.2, 0.9]), torch.tensor([0.1, 0.5])
    assert min_dcf(same, different, p_same=0.5) == pytest.approx(0.5)  # half of the sames rejected, none accepted
    assert min_dcf(same, different, p_same=0.01) == pytest.approx(0.5)


def test_trials_of_one_kind_have_no_curve() -> None:
    with pytest.raises(ValueError, match="both same-speaker and different-speaker"):
        det_curve(torch.tensor([0.5]), torch.tensor([]))


def voice(seconds: float = 3.0) -> Tensor:
    """Something that rises and falls as speech does, 16 kHz."""
    t = torch.arange(round(seconds * 16_000)) / 16_000
    harmonics = sum(torch.sin(2 * math.pi * 140 * k * t) / k for k in range(1, 20))
    return 0.1 * harmonics * (torch.sin(2 * math.pi * 1.5 * t) > -0.5) * (1.2 + torch.sin(2 * math.pi * 4 * t))


def hiss(rows: int, length: int, seed: int = 0) -> Tensor:
    return torch.randn(rows, length, generator=torch.Generator().manual_seed(seed))


def test_ten_percent_noise_is_twenty_decibels() -> None:
    clean_BT = hiss(4, 16_000)
    noise_BT = hiss(4, 16_000, seed=1)
    noise_BT *= 0.1 * clean_BT.norm(dim=1, keepdim=True) / noise_BT.norm(dim=1, keepdim=True)
    assert snr_db(clean_BT, clean_BT + noise_BT).tolist() == pytest.approx([20.0] * 4, abs=1e-3)
    assert snr_db(clean_BT, 0.9 * clean_BT).tolist() == pytest.approx([20.0] * 4, abs=1e-3)
    assert snr_db(clean_BT, clean_BT).min() == pytest.approx(120)


def test_si_sdr_is_deaf_to_level_and_agrees_with_its_definition() -> None:
    clean_BT, estimate_BT = hiss(3, 8000), hiss(3, 8000) + 0.3 * hiss(3, 8000, seed=1)
    ours_B = si_sdr_db(clean_BT, estimate_BT)
    assert torch.allclose(si_sdr_db(clean_BT, 7 * estimate_BT), ours_B)
    assert torch.allclose(si_sdr_db(0.2 * clean_BT, -estimate_BT), ours_B)
    cosine_B = torch.cosine_similarity(clean_BT.double(), estimate_BT.double())
    assert torch.allclose(ours_B, 10 * (cosine_B**2 / (1 - cosine_B**2)).log10(), atol=1e-5)


def test_si_sdr_agrees_with_torchmetrics() -> None:
    theirs = pytest.importorskip("torchmetrics.functional.audio")
    clean_BT, estimate_BT = hiss(3, 8000), hiss(3, 8000) + hiss(3, 8000, seed=1)
    expected = theirs.scale_invariant_signal_distortion_ratio(estimate_BT.double(), clean_BT.double())
    assert torch.allclose(si_sdr_db(clean_BT, estimate_BT), expected, atol=1e-4)


def test_measures_of_silence_are_numbers() -> None:
    silence = torch.zeros(1, 100)
    assert snr_db(silence, silence).isfinite().all() and si_sdr_db(silence, hiss(1, 100)).isfinite().all()


def test_intelligibility_falls_with_noise() -> None:
    clean_T = voice()
    noisy = [stoi(clean_T, clean_T + level * hiss(1, len(clean_T))[0]) for level in (0.0, 0.05, 0.5)]
    assert noisy[0] == pytest.approx(1, abs=1e-3) and noisy[0] > noisy[1] > noisy[2]
    assert math.isnan(stoi(clean_T[:100], clean_T[:100]))


@pytest.mark.skipif(not pesq_installed(), reason="pesq is not installed")
def test_perceived_quality_falls_with_noise() -> None:
    clean_T = voice()
    noisy = [pesq_wb(clean_T, clean_T + level * hiss(1, len(clean_T))[0]) for level in (0.0, 0.01, 0.3)]
    assert noisy[0] == pytest.approx(4.64, abs=0.01) and noisy[0] > noisy[1] > noisy[2] >= 1
    assert math.isnan(pesq_wb(clean_T[:100], clean_T[:100])) and math.isnan(pesq_wb(0 * clean_T, clean_T))


def test_without_its_package_pesq_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pesq", None)
    with pytest.raises(ImportError, match=r"pip install -r requirements-extra\.txt"):
        pesq_wb(voice(), voice())


def test_a_bootstrap_of_equal_units_is_a_point() -> None:
    assert bootstrap([[2.0]] * 10, lambda g: sum(v for x in g for v in x) / len(g)) == Interval(2.0, 2.0, 10)
