"""PSNR, SSIM and the spectrum on closed forms, and against scikit-image and torchmetrics."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from metrics.pictures import FLOOR_DB, WINDOW, error_db, psnr_db, radial_spectrum_db, ssim, ssim_map


def pair(channels: int = 1) -> tuple[Tensor, Tensor]:
    """A smooth picture `(2, channels, 33, 41)` float64 in [0, 1], and the same with noise."""
    draw = torch.Generator().manual_seed(0)
    truth = torch.rand(2, channels, 33, 41, generator=draw, dtype=torch.float64).cumsum(3)
    truth = truth / truth.amax((1, 2, 3), keepdim=True)
    return truth, (truth + 0.05 * torch.randn(truth.shape, generator=draw, dtype=torch.float64)).clamp(0, 1)


def test_one_grey_level() -> None:
    truth = torch.randint(255, (3, 3, 8, 9), dtype=torch.uint8)
    assert psnr_db(truth, truth + 1, full=255).tolist() == pytest.approx([48.1308] * 3, abs=1e-4)
    assert psnr_db(truth, truth, full=255).tolist() == [math.inf] * 3
    assert psnr_db(torch.zeros(1, 1, 4, 4), torch.full((1, 1, 4, 4), 0.1)).item() == pytest.approx(20, abs=1e-5)


def test_psnr_is_scikit_images() -> None:
    from skimage.metrics import peak_signal_noise_ratio

    truth, picture = pair()
    theirs = [peak_signal_noise_ratio(t.numpy(), p.numpy(), data_range=1) for t, p in zip(truth, picture, strict=True)]
    assert psnr_db(truth, picture).tolist() == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("full", [1.0, 255.0])
def test_ssim_is_scikit_images(full: float) -> None:
    from skimage.metrics import structural_similarity

    truth, picture = (full * x for x in pair())
    for i in range(2):
        theirs, full_map = structural_similarity(  # type: ignore[misc]
            truth[i, 0].numpy(), picture[i, 0].numpy(), gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
            data_range=full, full=True,
        )  # fmt: skip
        assert ssim(truth, picture, full=full)[i].item() == pytest.approx(theirs, abs=1e-9)
        edge = WINDOW // 2
        assert np.allclose(ssim_map(truth, picture, full=full)[i, 0], full_map[edge:-edge, edge:-edge], atol=1e-9)


def test_ssim_is_torchmetrics() -> None:
    from torchmetrics.functional.image import structural_similarity_index_measure

    truth, picture = pair(channels=3)
    edge = WINDOW // 2
    theirs = structural_similarity_index_measure(
        picture, truth, data_range=1.0, sigma=1.5, kernel_size=WINDOW, return_full_image=True, reduction=None
    )[1]
    whole = theirs[..., edge:-edge, edge:-edge] if theirs.shape[-2:] == truth.shape[-2:] else theirs
    assert torch.allclose(ssim_map(truth, picture), whole, atol=1e-6)


def test_ssim_of_a_copy_and_of_the_opposite() -> None:
    truth, _ = pair()
    assert ssim(truth, truth).tolist() == pytest.approx([1, 1])
    assert (ssim(truth, 1 - truth) < 0).all()


def test_ssim_can_be_learnt_by() -> None:
    truth, picture = pair()
    picture.requires_grad_()
    (1 - ssim(truth, picture)).mean().backward()
    assert picture.grad is not None and picture.grad.isfinite().all() and picture.grad.abs().max() > 0


def test_ssim_needs_a_whole_window() -> None:
    assert ssim(torch.zeros(1, 1, 11, 11), torch.zeros(1, 1, 11, 11)).item() == pytest.approx(1)
    with pytest.raises(ValueError, match="at least 11 × 11 pixels"):
        ssim(torch.zeros(1, 1, 10, 30), torch.zeros(1, 1, 10, 30))


def test_errors_in_decibels() -> None:
    found = error_db(torch.tensor([[0.0, 255.0, 100.0]]), torch.tensor([[127.5, 0.0, 100.0]]), full=255)
    assert found[0].tolist() == pytest.approx([-6.0206, 0, FLOOR_DB], abs=1e-3)


@pytest.mark.parametrize("fineness", [0.08, 0.22, 0.41])
def test_a_sinusoid_stands_where_it_belongs(fineness: float) -> None:
    row, column = torch.arange(96)[:, None], torch.arange(128)[None]
    for x_HW in (torch.sin(2 * torch.pi * fineness * row) + 0 * column, torch.sin(2 * torch.pi * fineness * column)):
        centre, power_db = radial_spectrum_db(0.5 + 0.4 * x_HW.expand(96, 128))
        assert abs(centre[power_db.argmax()].item() - fineness) < 0.012
        far = (centre - fineness).abs() > 0.06
        assert power_db.max() - power_db[far].max() > 25


def test_white_noise_is_flat_and_brightness_does_not_count() -> None:
    x_HW = torch.randn(256, 200, generator=torch.Generator().manual_seed(0))
    centre, power_db = radial_spectrum_db(x_HW)
    assert len(centre) == len(power_db) == 48 and 0 < centre[0] < centre[-1] < 0.5
    assert (power_db[4:] - 20 * math.log10(3 / 8)).abs().max() < 1.5, "the power of the window is all that is missing"
    assert torch.allclose(radial_spectrum_db(x_HW + 7)[1], power_db, atol=1e-3)


def test_a_ring_without_a_coefficient_is_no_number() -> None:
    _, power_db = radial_spectrum_db(torch.rand(8, 8))
    assert power_db.isnan().any() and power_db.isfinite().any()
