"""The denoising benchmark scores every method on the same mixtures, and sums up what it scored."""

from pathlib import Path

import pytest
import torch

from benchmarks import denoising
from metrics.sound import si_sdr_db
from models.denoiser import LinearDenoiser, RecurrentDenoiser
from signals.audio import COURSE, SPEECH
from training import Arrays
from training.data import mixtures

pytestmark = pytest.mark.slow


@pytest.fixture
def few(small_root: Path) -> Arrays:
    return tuple(t[:4] for t in mixtures._test())


@pytest.fixture
def two_nets(monkeypatch: pytest.MonkeyPatch) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = [("linear net", LinearDenoiser().eval()), (denoising.OURS, RecurrentDenoiser().eval())]
    monkeypatch.setattr(denoising, "nets", lambda: iter(found))


def test_every_method_on_the_same_mixtures(few: Arrays, two_nets: None) -> None:
    rows = denoising.measured(few)
    names = [row.name for row in rows]
    assert names[0] == "noisy" and "log-MMSE" in names and denoising.OURS in names
    assert all(len(values) == 4 for row in rows for values in row.scores.values())
    assert rows[0].mean("si_sdr_gain_db") == pytest.approx(0, abs=1e-6)
    assert max(rows, key=lambda row: row.mean("si_sdr_db")).name.startswith("oracle")
    assert all(row.real_time_factor for row in rows if row.name in classical_and_nets(names))
    table, parts = denoising.overall(rows), denoising.parts(rows, few)
    assert all(len(row) == len(table["columns"]) for row in table["rows"]) and len(table["rows"]) == len(rows)
    assert all(len(row) == len(parts["columns"]) for row in parts["rows"])
    promised = denoising.claims(rows, [1.0, 2.0], 100.0)
    assert not next(c for c in promised if "SI-SDR" in c["name"])["met"], "an untrained net keeps no promise"
    assert "linear net against log-MMSE, SI-SDR dB" in {c["name"] for c in promised}
    beside = denoising.beside(rows, "denoiser_gru", few)
    assert not {peer["name"] for peer in beside} & denoising.NETS.keys()
    assert all({"low", "high", "n"} == peer["interval"].keys() for peer in beside)


def classical_and_nets(names: list[str]) -> list[str]:
    return [name for name in names if name != "noisy" and not name.startswith("oracle")]


@pytest.mark.parametrize("frames", [COURSE, SPEECH])
def test_an_oracle_beats_the_mixture(few: Arrays, frames) -> None:
    noisy_BT, clean_BT = few[:2]
    gain = si_sdr_db(clean_BT, denoising.ideal(noisy_BT, clean_BT, frames)) - si_sdr_db(clean_BT, noisy_BT)
    assert (gain > 3).all()


def test_every_hop_is_clocked() -> None:
    found = denoising.hops_ms(RecurrentDenoiser().eval(), torch.zeros(256 * 12))
    assert len(found) == 10 and min(found) > 0


def test_live_is_held_against_the_whole() -> None:
    hiss_T = torch.randn(20_000, generator=torch.Generator().manual_seed(0))
    assert denoising.stream_against_whole_db(RecurrentDenoiser().eval(), hiss_T) > 80
