"""Why a net lets a sound through: what is kept by frequency, and what a moment goes back to."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from demos.denoising import explain, nets
from demos.denoising.nets import OURS, SHIPPED, Denoised, Sound
from signals import synthetic
from signals.audio import RATE_HZ, Wave


def test_what_is_kept_by_frequency() -> None:
    x_T = synthetic.white(4 * RATE_HZ)
    low_T = torch.fft.irfft(torch.fft.rfft(x_T) * (torch.linspace(0, 8, 2 * RATE_HZ + 1) < 4), len(x_T))
    result = Denoised(Sound(Wave(x_T, RATE_HZ), "", x_T), OURS, SHIPPED, low_T, 1.0)
    speech_E, pause_E = kept = explain.kept_by_frequency(result)
    assert speech_E[:30].mean().item() == pytest.approx(0, abs=0.2) and speech_E[34:].max().item() < -20
    assert pause_E.isnan().all(), "white noise all along has no pauses"
    assert "Where there is speech, " in explain.kept_words(kept) and "pauses" not in explain.kept_words(kept)
    assert explain.kept_chart(kept).count("<polyline") == 1, "no curve of what there is not"


def test_a_recurrent_net_looks_back_and_never_ahead_and_a_linear_one_does_neither(
    untrained: Path, voice: Tensor
) -> None:
    for method, looks_back in ((OURS, True), ("Linear", False)):
        found = explain.reach(nets.net(method), voice, 1.0)
        assert found.share_M.sum().item() == pytest.approx(1, abs=0.05), "the shares explain the frame's amplitude"
        later_M, before_M = found.start_ms_M >= -1e-6, found.start_ms_M < -2 * found.hop_ms - 1e-6
        assert later_M.any() and found.share_M[later_M].abs().max().item() < 1e-6
        assert (found.share_M[before_M].abs().sum().item() > 1e-3) == looks_back, "but for the running level"
        words = explain.reach_words(found)
        assert "the net is causal" in words and ("hears each frame by itself" in words) == (not looks_back)
        assert "<rect" in explain.reach_chart(found)
