"""What is measured of a sound, by definition, against torchmetrics, and on noise that grows."""

import math
import sys

import pytest
import torch
from torch import Tensor

from metrics.sound import pesq_installed, pesq_wb, si_sdr_db, snr_db, stoi


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
