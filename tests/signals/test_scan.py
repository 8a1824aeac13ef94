"""Slices of a scan: winsorised as NumPy would, and a head found in whatever surrounds it."""

import numpy as np
import pytest
import torch
from torch import Tensor

from signals.scan import head, winsorised


def disc(side: int = 64, radius: float = 20, *, ground: float = 0.0, brightness: float = 0.6) -> Tensor:
    place = torch.arange(side) - (side - 1) / 2
    inside = torch.hypot(place[:, None], place[None]) < radius
    return torch.where(inside, brightness, ground)


def overlap(found: Tensor, truth: Tensor) -> float:
    return ((found & truth).sum() / (found | truth).sum()).item()


def test_winsorised_is_numpys_percentiles() -> None:
    x_B1HW = torch.rand(3, 1, 20, 30, generator=torch.Generator().manual_seed(0)) * torch.tensor([1, 0.3, 5]).view(
        3, 1, 1, 1
    )
    for x, y in zip(x_B1HW.numpy(), winsorised(x_B1HW).numpy(), strict=True):
        low, high = np.percentile(x, [1, 99])
        assert np.allclose(y, (x.clip(low, high) - low) / (high - low), atol=1e-5)
        assert y.min() == 0 and y.max() == pytest.approx(1)


def test_another_scanners_scale_makes_no_difference() -> None:
    x_B1HW = torch.rand(2, 1, 16, 16)
    assert torch.allclose(winsorised(0.2 + 0.5 * x_B1HW), winsorised(x_B1HW), atol=1e-5)


@pytest.mark.parametrize("side", [1, 5])
def test_a_flat_slice_becomes_nothing(side: int) -> None:
    assert winsorised(torch.full((1, 1, side, side), 0.7)).abs().max() == 0


@pytest.mark.parametrize("ground", [0.0, 0.3])
def test_a_disc_on_any_ground(ground: float) -> None:
    x_HW = disc(ground=ground)
    assert overlap(head(x_HW), x_HW > ground) > 0.97


def test_holes_are_filled_and_specks_left_out() -> None:
    x_HW = disc()
    truth = x_HW > 0
    x_HW[28:36, 28:36] = 0  # a ventricle
    x_HW[2:4, 2:4] = 0.9  # a label in the corner
    found = head(x_HW)
    assert found[28:36, 28:36].all() and not found[:5, :5].any() and overlap(found, truth) > 0.97


def test_a_head_that_touches_the_edge_is_not_eaten_into() -> None:
    x_HW = torch.zeros(40, 40)
    x_HW[20:, 5:35] = 0.5
    assert head(x_HW)[-1, 5:35].all()


@pytest.mark.parametrize("x_HW", [torch.zeros(30, 20), torch.full((30, 20), 0.4), torch.zeros(1, 1), torch.ones(2, 3)])
def test_everything_counts_where_nothing_stands_out(x_HW: Tensor) -> None:
    found = head(x_HW)
    assert found.shape == x_HW.shape and found.dtype == torch.bool and found.all()


@pytest.mark.parametrize("side", [1, 2, 3, 7])
def test_tiny_slices(side: int) -> None:
    assert head(torch.rand(side, side)).shape == (side, side)
