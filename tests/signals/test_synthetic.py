"""The noises are what they claim to be, by their spectra and statistics, and belong to their seed."""

import math

import pytest
import torch
from torch import Tensor

from signals import audio, synthetic
from signals.audio import RATE_HZ

SECOND = RATE_HZ


def power_db(x_T: Tensor, low_hz: float, high_hz: float) -> float:
    """The mean power density between two frequencies, in dB."""
    power_F = audio.stft(x_T[None])[0].abs().square().mean(1)
    hz_F = torch.linspace(0, RATE_HZ / 2, len(power_F))
    return 10 * math.log10(power_F[(hz_F >= low_hz) & (hz_F < high_hz)].mean())


@pytest.mark.parametrize("name", synthetic.NOISES)
def test_every_noise_belongs_to_its_seed(name: str) -> None:
    noise, before = synthetic.NOISES[name], torch.get_rng_state()
    x_T = noise(2 * SECOND, seed=3)
    assert x_T.shape == (2 * SECOND,) and x_T.dtype == torch.float32 and x_T.isfinite().all()
    assert x_T.square().mean().sqrt().item() == pytest.approx(synthetic.RMS, rel=1e-4)
    assert torch.equal(x_T, noise(2 * SECOND, seed=3)) and not torch.equal(x_T, noise(2 * SECOND, seed=4))
    assert torch.equal(torch.get_rng_state(), before), "the process's random state is somebody else's"


def test_white_is_flat_and_pink_falls_by_three_db_an_octave() -> None:
    white, pink = synthetic.white(20 * SECOND), synthetic.pink(20 * SECOND)
    octaves = [(500, 1000), (1000, 2000), (2000, 4000), (4000, 7900)]
    assert [power_db(white, *o) - power_db(white, *octaves[0]) for o in octaves] == pytest.approx([0] * 4, abs=0.3)
    falls = [power_db(pink, *octaves[i + 1]) - power_db(pink, *octaves[i]) for i in range(3)]
    assert falls == pytest.approx([-3.01] * 3, abs=0.4)


def test_hum_stands_on_the_harmonics_of_the_mains() -> None:
    power_F = torch.fft.rfft(synthetic.hum(4 * SECOND)).abs().square()
    hz_F = torch.fft.rfftfreq(4 * SECOND, 1 / RATE_HZ)
    near_F = (hz_F / 50 - (hz_F / 50).round()).abs() * 50 < 2
    assert (power_F[near_F & (hz_F > 40)].sum() / power_F.sum()).item() > 0.98
    assert hz_F[power_F.argmax()].item() == pytest.approx(50, abs=0.5)


def test_crackle_is_quiet_with_clicks() -> None:
    x_T = synthetic.crackle(8 * SECOND).double()
    kurtosis = (x_T**4).mean() / (x_T**2).mean() ** 2
    assert kurtosis > 30, "a Gaussian has 3"
    assert x_T.abs().median() < 0.05 * synthetic.RMS


def test_babble_holds_every_voice() -> None:
    t_T = torch.arange(SECOND) / RATE_HZ
    voices = [loud * torch.sin(2 * math.pi * hz * t_T) for hz, loud in ((440.0, 1.0), (1234.0, 0.01))]
    x_T = synthetic.babble(voices, 3 * SECOND)
    assert x_T.shape == (3 * SECOND,)
    assert power_db(x_T, 240, 640) == pytest.approx(power_db(x_T, 1034, 1434), abs=0.7), "at one level"
    with pytest.raises(ValueError, match="one voice"):
        synthetic.babble([], SECOND)
