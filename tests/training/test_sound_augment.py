"""Voices disguised: pieces and lines that keep their promises."""

import math

import pytest
import torch

from training._sound_augment import augment_channel, crops, spec_augment


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def tone(hz: float, seconds: float) -> torch.Tensor:
    t = torch.arange(int(seconds * 16_000)) / 16_000
    return (20_000 * torch.sin(2 * math.pi * hz * t)).to(torch.int16)


def loudest_hz(x_T: torch.Tensor) -> float:
    return torch.fft.rfft(x_T).abs().argmax().item() * 16_000 / len(x_T)


def test_a_piece_is_a_piece_of_the_utterance() -> None:
    x_BT = torch.arange(2 * 40_000).reshape(2, 40_000).remainder(30_000).to(torch.int16)
    pieces = crops(x_BT, torch.tensor([40_000, 10_000]), generator(), seconds=1.0)
    assert pieces.shape == (2, 16_000)
    steps = (pieces * 32_767).round().diff()
    assert ((steps == 1) | (steps < -1)).all(), "samples follow one another, and a short one is repeated"


@pytest.mark.parametrize(("speed", "hz"), [(10, 1000), (9, 900), (11, 1100)])
def test_speed_moves_the_pitch(speed: int, hz: float) -> None:
    x_BT = tone(1000, 3.0)[None]
    piece = crops(x_BT, torch.tensor([48_000]), generator(), seconds=1.5, speed_B=torch.tensor([speed]))
    assert loudest_hz(piece[0]) == pytest.approx(hz, abs=2)


def test_disguises_stay_within_their_bounds(small_root: object) -> None:
    x_BT = torch.randn(6, 16_000, generator=generator())
    filtered = augment_channel(x_BT, generator(), noise_share=0.0, filter_db=6.0)
    gain_db = 20 * (torch.fft.rfft(filtered).abs() / torch.fft.rfft(x_BT).abs()).log10()
    assert gain_db.abs().max() < 6.01 and gain_db.abs().max() > 2
    assert torch.allclose(augment_channel(x_BT, generator(), noise_share=0.0, filter_db=0.0), x_BT, atol=1e-4)
    noise = augment_channel(x_BT, generator(), noise_share=1.0, filter_db=0.0) - x_BT
    snr_db = 10 * (x_BT.square().mean(1) / noise.square().mean(1)).log10()
    silent = snr_db > 100  # a recording is silent where nothing was to be heard
    assert (snr_db > 4.9).all() and (snr_db[~silent] < 25.1).all() and (~silent).any()


def test_blanks_are_no_wider_than_asked_for() -> None:
    m_BFN = spec_augment(torch.ones(16, 64, 100), generator(), bands=8, frames=20)
    bands, frames = (m_BFN == 0).all(2).sum(1), (m_BFN == 0).all(1).sum(1)
    assert 0 < bands.max() <= 8 and 0 < frames.max() <= 20


def test_a_share_of_them_comes_over_a_narrow_line(small_root: object) -> None:
    x_BT = torch.randn(8, 16_000, generator=generator())
    heard = augment_channel(x_BT, generator(), noise_share=0.0, filter_db=0.0, band_share=0.5)
    kept_B = (torch.fft.rfft(heard).abs() > 1e-3).double().mean(1)
    assert 0 < (kept_B < 0.96).sum() < 8 and (kept_B > 0.3).all(), "3.2 kHz of 8 at the least, but for 300 Hz"
