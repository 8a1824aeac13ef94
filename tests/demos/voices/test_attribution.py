"""What spoke for likeness, drawn: bands keep their sum on linear Hz, and words say where the weight lies."""

import pytest
import torch

from demos.voices import attribution


def test_bands_keep_their_sum_on_linear_hz() -> None:
    z_FN = torch.rand(64, 5, generator=torch.Generator().manual_seed(0))
    linear_KN = attribution.on_linear_hz(z_FN, mel=True)
    reached = torch.linspace(0, 8000, 257)
    bands = ((2595 * torch.log10(1 + reached / 700) - 31.75) / (2840.02 - 31.75) * 64).long().clamp(0, 63).unique()
    assert torch.allclose(linear_KN.sum(0), z_FN[bands].sum(0), rtol=1e-3)
    assert attribution.on_linear_hz(z_FN, mel=False) is z_FN


def test_the_words_say_where_the_weight_lies() -> None:
    z_KN = torch.zeros(257, 100)
    z_KN[48, 60], z_KN[10, 10] = 3.0, 1.0  # 1,500 Hz at 1.2 s; 312 Hz
    z_KN[200, 90] = -1.0
    words = attribution.described(z_KN, 2.0, "This")
    assert "75 % of what spoke for likeness lies between 1,000 and 2,000 Hz" in words and "20 % of all weight" in words
    at = float(words.split("around ")[1].split(" s")[0])
    assert at == pytest.approx(1.2, abs=0.3)
    assert attribution.described(-z_KN.abs(), 2.0, "This") == "This: nothing in it spoke for likeness."


def test_every_recording_has_its_spectrogram_and_its_reasons() -> None:
    x_T = 0.1 * torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    z_FN = torch.rand(64, 100, generator=torch.Generator().manual_seed(0))
    page = attribution.explanation_text({"Recording <A>": (x_T, z_FN), "Recording B": (x_T, -z_FN)}, mel=True)
    assert page.count("<img") == 4 and "Recording &lt;A&gt;, 0 to 8 kHz over seconds" in page
    assert page.count("of what spoke for likeness lies between") == 2 and "nothing in it spoke" in page
