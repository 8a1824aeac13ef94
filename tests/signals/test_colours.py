"""Colours without places: shares of pixels, a light that is redder or bluer, a middle that stays."""

import pytest
import torch

from signals.colours import BINS, histogram, on_ground, tinted

GREY = torch.full((1, 3, 8, 8), 128, dtype=torch.uint8)


def test_a_histogram_forgets_places_and_its_squares_are_shares() -> None:
    x_B3HW = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    found_BK = histogram(x_B3HW)
    assert found_BK.shape == (2, BINS**3)
    torch.testing.assert_close(found_BK.square().sum(1), torch.ones(2))
    torch.testing.assert_close(found_BK, histogram(x_B3HW.flip(3)))
    assert histogram(GREY).max() == 1, "one colour is one bin"


def test_a_tint_is_a_ratio_of_light() -> None:
    red, green, blue = tinted(GREY, 2.0)[0, :, 0, 0].tolist()
    assert red > green == 128 > blue
    assert (red / blue) ** 2.2 == pytest.approx(4, rel=0.05), "two stops are four times the light"
    assert tinted(GREY, 0.0).equal(GREY)
    assert tinted(GREY, -2.0)[0, :, 0, 0].tolist() == [blue, green, red]


def test_the_middle_stays_and_nothing_else() -> None:
    ground_3HW = torch.zeros(3, 8, 8, dtype=torch.uint8)
    quarter = on_ground(GREY, ground_3HW, 0.25)
    assert (quarter > 0).float().mean() == 0.25 and quarter[0, 0, 2:6, 2:6].min() == 128
    assert on_ground(GREY, ground_3HW, 1.0).equal(GREY)
    assert not on_ground(GREY, ground_3HW, 0.0).any() and not ground_3HW.any(), "the ground is not written on"
