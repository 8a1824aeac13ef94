"""Four sets of the same speakers, every method on each, and no promise kept by a net that has learnt nothing."""

from pathlib import Path

import pytest
import torch

from benchmarks import denoising_elsewhere as elsewhere
from models.denoiser import RecurrentDenoiser
from training.data import mixtures

pytestmark = pytest.mark.slow


def test_every_method_on_every_set(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        untrained = [(elsewhere.OURS, RecurrentDenoiser().eval())]
    monkeypatch.setattr(elsewhere, "nets", lambda: iter(untrained))
    sets = {name: tuple(t[:3] for t in split) for name, split in elsewhere.sets().items()}
    found = {name: elsewhere.measured(split) for name, split in sets.items()}
    assert len(found) == 4 and all(set(rows) == {"noisy", "log-MMSE", elsewhere.OURS} for rows in found.values())
    table = elsewhere.table(found)
    assert all(len(row) == 5 for row in table["rows"]) and table["rows"][0][0] == "noisy"
    promised = elsewhere.claims(found)
    assert len(promised) == 6 and not all(c["met"] for c in promised)


def test_a_telephone_takes_what_lies_outside_its_band(small_root: Path) -> None:
    noisy_BT, clean_BT, *labels = mixtures.telephone(mixtures.everyday_test())
    power_F = torch.fft.rfft(noisy_BT).abs().square().sum(0)
    hertz_F = torch.linspace(0, 8_000, len(power_F))
    outside_F = (hertz_F < 200) | (hertz_F > 3_500)
    assert power_F[outside_F].sum() < 1e-6 * power_F.sum() and len(labels) == 3 and noisy_BT.shape == clean_BT.shape
