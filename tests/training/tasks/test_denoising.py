"""Mixing on the fly draws what it says, the losses fall towards the clean speech, and scores are summed up rightly."""

from typing import Any

import pytest
import torch
from torch import Tensor

from metrics.sound import pesq_installed, snr_db
from models._streaming import FrameNet
from models.denoiser import LinearDenoiser, RecurrentDenoiser
from signals.audio import SPEECH, stft
from training.tasks import denoising
from training.tasks.denoising import losses, mix_augmented, random_crop, random_filter


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows(count: int, length: int, seed: int = 0) -> Tensor:
    return (3000 * torch.randn(count, length, generator=seeded(seed))).short()


def test_a_mixture_is_a_function_of_the_generator() -> None:
    batch = rows(8, 48_000), rows(8, 80_000, 1)
    one, two, other = mix_augmented(*batch, seeded()), mix_augmented(*batch, seeded()), mix_augmented(*batch, seeded(1))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0], other[0])
    assert one[0].shape == one[1].shape == (8, 48_000) and one[0].isfinite().all()


def test_ratios_lie_where_they_should(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(denoising, "NARROW", 0)  # a band takes more of the noise than of the speech, or less
    found_B = torch.cat(
        [
            snr_db(clean, noisy)
            for noisy, clean in (mix_augmented(rows(16, 4800), rows(16, 8000, 1), seeded(i)) for i in range(20))
        ]
    )
    assert found_B.min() >= -5.01 and found_B.max() <= 20.01
    assert found_B.median() < 7.5, "more of the hard ones"


def test_silent_noise_leaves_the_speech_alone() -> None:
    noisy, clean = mix_augmented(rows(4, 4800), torch.zeros(4, 8000, dtype=torch.int16), seeded(3))
    steady = (noisy != clean).any(1)
    assert (~steady).any() and torch.equal(noisy[~steady], clean[~steady])


def test_some_mixtures_and_their_speech_end_below_eight_kilohertz() -> None:
    noisy_BT, clean_BT = mix_augmented(rows(16, 48_000), rows(16, 80_000, 1), seeded())
    top_2B = torch.stack([torch.fft.rfft(x)[:, -1000:].abs().mean(1) for x in (noisy_BT, clean_BT)])
    narrow_B = (top_2B < 1e-3).all(0)
    assert 1 <= narrow_B.sum() <= 12 and ((top_2B < 1e-3).any(0) == narrow_B).all()


def test_made_up_noises_are_sound_and_differ() -> None:
    voices_BT = torch.randn(8, 16_000, generator=seeded())
    for make in (denoising.engine, lambda x, g: x * denoising.wandering(x, g)):
        noise_BT = make(voices_BT.clone(), seeded())
        assert noise_BT.shape == voices_BT.shape and noise_BT.isfinite().all() and noise_BT.any(1).all()
        assert not torch.allclose(noise_BT[0], noise_BT[1])


def test_nobody_babbles_behind_himself() -> None:
    voices_BT = torch.zeros(4, 16_000)
    voices_BT[2] = torch.randn(16_000, generator=seeded())  # the only one who speaks
    crowd_BT = denoising.babble(voices_BT, torch.arange(4)[:, None], seeded())
    assert not crowd_BT[2].any() and crowd_BT[[0, 1, 3]].any(1).all()


def test_a_flat_filter_at_speed_one_changes_nothing() -> None:
    x_BT = torch.randn(2, 4801, generator=seeded())
    y_BT = random_filter(x_BT, seeded(), deviation_db=0, tilt_db=0, speeds=(1, 1))
    assert snr_db(x_BT, y_BT).min() > 100


def test_faster_is_shorter_and_higher() -> None:
    t = torch.arange(48_000) / 16_000
    x_BT = torch.sin(2 * torch.pi * 400 * t)[None]
    y_BT = random_filter(x_BT, seeded(), deviation_db=0, tilt_db=0, speeds=(1.25, 1.25))
    assert y_BT.shape[1] == 38_400
    assert stft(y_BT, SPEECH).abs().mean(2).argmax().item() == round(500 / 31.25)
    assert y_BT.square().mean() == pytest.approx(0.5, rel=0.01)


def test_rows_are_cut_at_random_or_placed_among_zeros() -> None:
    x_BT = torch.arange(1, 101).float().repeat(50, 1)
    starts = random_crop(x_BT, 20, seeded())[:, 0]
    assert starts.min() >= 1 and starts.max() <= 81 and len(starts.unique()) > 10
    longer = random_crop(x_BT[:1], 150, seeded())[0]
    assert longer.count_nonzero() == 100 and longer.sum() == 5050


class Answering(FrameNet):
    """Answers with what it was given at the start."""

    frames = SPEECH

    def __init__(self, answer_BT: Tensor) -> None:
        super().__init__()
        self.answer_BT = answer_BT

    def denoised(self, X_BFN: Tensor, state: tuple[Tensor, ...] | None = None) -> tuple[Tensor, tuple[Tensor, ...]]:
        return stft(self.answer_BT, SPEECH), ()


def test_the_losses_are_least_at_the_clean_speech_and_deaf_to_level() -> None:
    clean_BT, hiss_BT = torch.randn(2, 5120, generator=seeded()), torch.randn(2, 5120, generator=seeded(1))
    noisy_BT = clean_BT + hiss_BT
    scale_B1 = noisy_BT.square().mean(1, keepdim=True).rsqrt()  # what the losses bring everything to
    perfect, half, none = (
        losses(Answering(scale_B1 * answer), noisy_BT, clean_BT)
        for answer in (clean_BT, clean_BT + 0.5 * hiss_BT, noisy_BT)
    )
    for name in ("magnitude", "complex", "snr"):
        assert perfect[name] < half[name] < none[name]
    assert perfect["snr"].item() == pytest.approx(-30, abs=0.1) and none["snr"].item() == pytest.approx(0, abs=0.3)
    net = RecurrentDenoiser().eval()
    quiet, loud = losses(net, 0.01 * noisy_BT, 0.01 * clean_BT), losses(net, noisy_BT, clean_BT)
    assert quiet["complex"].item() == pytest.approx(loud["complex"].item(), rel=1e-3)


def test_silence_has_finite_losses_and_gradients() -> None:
    net = RecurrentDenoiser()
    found = losses(net, torch.zeros(2, 5120), torch.zeros(2, 5120))
    sum(found.values()).backward()  # type: ignore[union-attr]
    assert all(p.grad is None or p.grad.isfinite().all() for p in net.parameters())


def test_labels_bring_the_slow_measures() -> None:
    noisy_BT, clean_BT = 0.1 * torch.randn(2, 16_000, generator=seeded()), 0.1 * torch.randn(2, 16_000)
    net = LinearDenoiser().eval()
    quick = {"si_sdr_db", "si_sdr_gain_db", "snr_db"}
    assert denoising.evaluate(net, (noisy_BT, clean_BT)).keys() == quick
    labels = (torch.zeros(2), torch.zeros(2, dtype=torch.int64), torch.tensor([0, 1]))
    slow = {"stoi"} | ({"pesq"} if pesq_installed() else set())
    assert denoising.evaluate(net, (noisy_BT, clean_BT, *labels)).keys() == quick | slow


def test_intervals_draw_speakers_and_not_mixtures() -> None:
    """One that speaks twelve times as well in each of its mixtures is still one speaker."""
    draw, speaker_B = seeded(), torch.arange(24) // 12
    clean_BT = 0.1 * torch.randn(24, 4000, generator=draw)
    hiss_B1 = torch.where(speaker_B == 0, 0.01, 0.1)[:, None]
    noisy_BT = clean_BT + hiss_B1 * torch.randn(24, 4000, generator=draw)
    split = (noisy_BT, clean_BT, torch.zeros(24), torch.zeros(24, dtype=torch.int64), speaker_B)
    same = torch.nn.Identity()
    found, by_row = denoising.intervals(same, split)["snr_db"], snr_db(clean_BT, noisy_BT)
    ends = [by_row[speaker_B == speaker].mean().item() for speaker in (1, 0)]
    assert found == pytest.approx((*ends, 2), abs=1e-6)


def test_a_factored_net_starts_from_the_whole_ones_constructor() -> None:
    from training.recipes import denoiser_cnn_small, denoiser_linear_small

    for recipe in (denoiser_linear_small.recipe, denoiser_cnn_small.recipe):
        net: Any = recipe.model()
        assert net(torch.randn(1, 1000, generator=seeded())).shape == (1, 1000)
        whole = type(net.net)(**net.config)
        assert sum(p.numel() for p in net.parameters()) < 0.5 * sum(p.numel() for p in whole.parameters())
