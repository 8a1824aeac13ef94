"""The benchmark of voices: every method on the same trials, noise at its ratio, and words that follow the numbers."""

import json
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import _report
from benchmarks.voices import __main__ as voices
from benchmarks.voices import cleaning, methods, strangers, trials
from models import _checkpoint
from models.speaker import SiameseGRU, SpeakerNet
from tests.cards import blank
from training._acquaintance import acquaintance
from training.data.speakers import AN4, splits

pytestmark = pytest.mark.slow


def test_classical_methods_tell_the_small_speakers_apart(small_root: Path) -> None:
    found = splits()
    rows = [trials.row(method, found.test) for method in methods.classical(found)]
    assert len(rows) == 2 and all(row["metrics"]["eer"] < 0.3 for row in rows)
    assert all(row["interval"]["n"] == 10 and row["parameters"] > 0 for row in rows)
    assert all(len(trials.cells(row)) == len(trials.table(rows)["columns"]) for row in rows)


def test_noise_is_the_same_at_every_ratio_and_as_loud_as_asked_for(small_root: Path) -> None:
    test = tuple(t[:4] for t in splits().test)
    clean = list(methods.waves(test))
    for low, high, x_T in zip(cleaning.noisy(test, 0), cleaning.noisy(test, 10), clean, strict=True):
        noise_T = low - x_T
        assert 10 * (x_T.square().mean() / noise_T.square().mean()).log10().item() == pytest.approx(0, abs=0.01)
        assert torch.allclose((high - x_T) * 10**0.5, noise_T, atol=1e-4)


def test_without_a_denoiser_only_the_noise_is_measured(small_root: Path, checkpoints: Path) -> None:
    net = SpeakerNet(channels=8).eval()
    rows = cleaning.cleaning([methods.of_net("`speaker`", net)], splits().test)
    assert [row["second"] for row in rows] == ["clean", "0 dB, noisy", "5 dB, noisy", "10 dB, noisy"]
    assert "no checkpoint yet" in cleaning.shown(rows)["words"]


@pytest.mark.parametrize(
    ("after", "verdict"), [(0.1, "Cleaning helps ("), (0.4, "Cleaning hurts ("), (None, "no checkpoint")]
)
def test_the_conclusion_follows_the_numbers(after: float | None, verdict: str) -> None:
    eers = {("a", f"{snr} dB, noisy"): 0.2 for snr in cleaning.SNRS_DB}
    if after is not None:
        eers |= {("a", f"{snr} dB, denoised"): after for snr in cleaning.SNRS_DB}
    assert verdict in cleaning.conclusion(eers, "a")


def test_halves_of_the_net_are_its_two_hearings() -> None:
    net = SpeakerNet(channels=8, share=0.4).eval()
    plain, convolved = methods.halves(net)
    x_T = 0.1 * torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    assert not plain.place(x_T)[net.statistics :].any() and not convolved.place(x_T)[: net.statistics].any()
    assert net.share == 0.4


def test_the_whole_benchmark(small_root: Path, checkpoints: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    for name, model in (("speaker", SpeakerNet(channels=8)), ("speaker_siamese", SiameseGRU())):
        _checkpoint.save(name, model, blank(name, model), acquaintance(splits()))
    monkeypatch.setattr(_report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(sys, "argv", ["voices"])
    voices.main()
    facts = json.loads((tmp_path / "results" / "voices.json").read_text())
    assert len(facts["rows"]) == len(facts["table"]["rows"]) == 6 and len(facts["claims"]) == 3
    assert facts["cleaning"]["columns"] == ["second recording", "`speaker`", "`speaker_siamese`"]
    peers = json.loads((tmp_path / "results" / "speaker.json").read_text())["rows"]
    assert len(peers) == 4 and all(set(row["metrics"]) == {"eer"} for row in peers)
    assert "EER on AN4, speaker" in capsys.readouterr().out
    assert int((splits().test[3] == AN4).sum()) == 40
    kinds = [row["name"] for row in facts["noticed"]]
    assert kinds[-2:] == ["AN4, test (people)", "LibriSpeech, test (people)"] and len(kinds) == 7
    assert [row[0] for row in facts["strangers"]["rows"]] == kinds and strangers.IN_VIEW in facts["strangers"]["words"]
