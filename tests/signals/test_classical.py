"""The classical peers take steady noise away, keep length and silence, and follow the noise's power."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from metrics.sound import si_sdr_db
from signals import classical
from signals.audio import mix

METHODS = pytest.mark.parametrize("method", classical.METHODS.values(), ids=classical.METHODS)
NETLESS = pytest.mark.parametrize("method", [classical.wiener, classical.log_mmse])


def voice(rate_hz: int, seconds: float = 3.0) -> Tensor:
    """Half a second of silence, then syllables with pauses between them."""
    t = torch.arange(round(seconds * rate_hz), dtype=torch.float64) / rate_hz
    harmonics = sum(torch.sin(2 * math.pi * 150 * k * t) / k for k in range(1, 15))
    return (0.1 * harmonics * (t > 0.5) * (torch.sin(2 * math.pi * 2 * t) > 0)).float()


def hiss(length: int) -> Tensor:
    return torch.randn(length, generator=torch.Generator().manual_seed(0))


@NETLESS
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
def test_steady_noise_is_taken_away(method, rate_hz: int) -> None:
    clean_T = voice(rate_hz)
    noisy_T = mix(clean_T, hiss(len(clean_T)), 5.0)[0]
    gain_db = si_sdr_db(clean_T[None], method(noisy_T, rate_hz)[None]) - si_sdr_db(clean_T[None], noisy_T[None])
    assert gain_db.item() > 5


@METHODS
def test_length_and_silence_are_kept(method) -> None:
    x_T = 0.1 * hiss(7_777)
    y_T = method(x_T, 16_000)
    assert y_T.shape == x_T.shape and y_T.dtype == torch.float32 and y_T.isfinite().all()
    assert not method(torch.zeros(5_000), 16_000).any()


@NETLESS
@pytest.mark.parametrize("length", [1, 255, 513])
def test_the_shortest_recordings_pass(method, length: int) -> None:
    assert method(0.1 * hiss(length), 16_000).shape == (length,)


@NETLESS
def test_the_level_changes_nothing_else(method) -> None:
    x_T = 0.1 * hiss(8_000)
    assert torch.allclose(method(0.1 * x_T, 16_000), 0.1 * method(x_T, 16_000), atol=1e-5)


def test_the_noise_is_followed() -> None:
    draw = np.random.default_rng(0)
    power_FN = draw.exponential(1.0, (40, 400))
    power_FN[:, 200:] *= 4
    found_FN = classical.noise_power(power_FN)
    assert found_FN[:, 100:200].mean() == pytest.approx(1, rel=0.3)
    assert found_FN[:, 300:].mean() / found_FN[:, 100:200].mean() == pytest.approx(4, rel=0.1)


def test_speech_is_not_taken_for_noise() -> None:
    draw = np.random.default_rng(0)
    power_FN = draw.exponential(1.0, (40, 300))
    power_FN[:, 100:130] += 1000
    assert classical.noise_power(power_FN)[:, 129].mean() < 2


def test_gains_lie_between_a_tenth_and_one() -> None:
    power_FN = np.random.default_rng(0).exponential(1.0, (40, 100)) ** 3
    wiener_FN, log_mmse_FN = classical.gains(power_FN, "wiener"), classical.gains(power_FN, "log-mmse")
    for gain_FN in (wiener_FN, log_mmse_FN):
        assert gain_FN.min() >= 0.1 and gain_FN.max() <= 1
    assert log_mmse_FN.mean() > wiener_FN.mean(), "the log's estimator turns down less"
