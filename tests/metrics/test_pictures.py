"""PSNR, SSIM and the spectrum on closed forms, and against scikit-image and torchmetrics."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from metrics.pictures import FLOOR_DB, WINDOW, by_set, error_db, fidelity, psnr_db, radial_spectrum_db, ssim, ssim_map


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


def heads(n: int = 4, side: int = 24) -> tuple[Tensor, Tensor]:
    """Smooth pictures `(n, 1, side, side)` in [0, 1], and a disc in the middle of each."""
    phase_B = 6 * torch.rand(n, 1, 1, 1, generator=torch.Generator().manual_seed(0))
    place = torch.arange(side) - (side - 1) / 2
    truth_B1HW = 0.5 + 0.4 * torch.sin(0.2 * place[:, None] + 0.3 * place[None] + phase_B)
    return truth_B1HW, (torch.hypot(place[:, None], place[None]) < 0.35 * side).expand(n, 1, -1, -1)


def test_fidelity_of_a_perfect_copy() -> None:
    truth, head = heads()
    found = fidelity(truth, truth, head)
    assert (found["mae"] == 0).all() and (found["mae_head"] == 0).all()
    assert found["psnr_db"].tolist() == found["psnr_db_head"].tolist() == 4 * [math.inf]
    assert found["ssim"].tolist() == found["ssim_head"].tolist() == pytest.approx(4 * [1])


def test_fidelity_of_what_is_a_tenth_too_bright() -> None:
    truth, head = heads()
    found = fidelity(truth, truth + 0.1, head)
    for name, value in {"mae": 0.1, "mae_head": 0.1, "psnr_db": 20, "psnr_db_head": 20}.items():
        assert found[name].tolist() == pytest.approx(4 * [value], abs=1e-4)


def test_what_is_wrong_outside_the_mask_counts_outside_it_only() -> None:
    truth, head = heads()
    found = fidelity(truth, torch.where(head, truth + 0.01, truth + 0.5), head)
    share = head[0].double().mean().item()
    assert found["mae_head"].tolist() == pytest.approx(4 * [0.01], abs=1e-6)
    assert found["psnr_db_head"].tolist() == pytest.approx(4 * [40], abs=1e-3)
    assert found["mae"].tolist() == pytest.approx(4 * [0.01 * share + 0.5 * (1 - share)], abs=1e-6)
    assert (found["ssim_head"] > found["ssim"]).all()


@pytest.mark.parametrize(("slope", "shift"), [(0.5, 0.2), (-0.3, 0.9), (1.0, 0.0)])
def test_a_straight_line_is_given_away(slope: float, shift: float) -> None:
    truth, head = heads()
    assert (fidelity(truth, slope * truth + shift, head)["psnr_db_head_aligned"] > 100).all()


def test_aligned_is_the_least_squares_line() -> None:
    truth, head = heads()
    y = truth.square() + 0.1 * torch.rand(truth.shape, generator=torch.Generator().manual_seed(1))
    found = fidelity(truth, y, head)["psnr_db_head_aligned"]
    inside = head[0]
    for i in range(len(y)):
        columns = torch.stack([y[i][inside], torch.ones(int(inside.sum()))], 1).double()
        target = truth[i][inside].double()[:, None]
        left = (columns @ torch.linalg.lstsq(columns, target).solution - target).square().mean()
        assert found[i].item() == pytest.approx(-10 * math.log10(left.item()), abs=1e-4)
    assert (found >= fidelity(truth, y, head)["psnr_db_head"]).all()
    flat = fidelity(truth, torch.full_like(truth, 0.3), head)["psnr_db_head_aligned"]
    spread = torch.stack([t[inside].double().var(correction=0) for t in truth])
    assert torch.allclose(flat, -10 * spread.log10(), atol=1e-6), "of a flat answer the best line is the mean"


def test_an_empty_mask_has_no_inside() -> None:
    truth, head = heads()
    found = fidelity(truth, truth + 0.1, torch.zeros_like(head), inside="nowhere")
    assert found["mae_nowhere"].isnan().all() and found["psnr_db_nowhere"].isnan().all()
    assert found["mae"].tolist() == pytest.approx(4 * [0.1], abs=1e-6)


def test_values_of_each_set_where_there_is_more_than_one() -> None:
    value_B, set_B = torch.arange(5.0), torch.tensor([0, 2, 0, 2, 2])
    found = {name: chosen.tolist() for name, chosen in by_set(value_B, set_B, ("here", "nowhere", "there"))}
    assert found == {"": [0, 1, 2, 3, 4], "_here": [0, 2], "_there": [1, 3, 4]}
    assert [name for name, _ in by_set(value_B, torch.ones(5), ("here", "there"))] == [""], "one set needs no name"
