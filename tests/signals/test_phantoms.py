"""Drawn heads: seeded, registered, with a lesion that is dark in one contrast and bright in the other."""

import math

import pytest
import torch

from signals import scan
from signals.phantoms import BRIGHTNESS, Ellipse, Phantom, head, painted, shepp_logan

DRAWN = {"shepp-logan": shepp_logan(), "small": head(seed=1, lesion=0.12), "large": head(seed=2, lesion=0.3)}


def test_an_ellipse_has_its_area_and_its_brightness() -> None:
    phantom = painted((Ellipse("lesion", (0.25, -0.1), (0.5, 0.3), 30),), side=200)
    assert phantom.lesion_HW.double().mean().item() == pytest.approx(math.pi * 0.5 * 0.3 / 4, rel=5e-3)
    y, x = phantom.lesion_HW.nonzero().double().mean(0).tolist()
    assert (2 * (x + 0.5) / 200 - 1, 1 - 2 * (y + 0.5) / 200) == pytest.approx((0.25, -0.1), abs=2e-3)
    for plane_HW, level in zip(phantom[:2], BRIGHTNESS["lesion"], strict=True):
        assert plane_HW[phantom.lesion_HW].max().item() == pytest.approx(level)
        assert plane_HW[0, 0].item() == pytest.approx(0.01)


def test_what_comes_later_lies_on_top_and_edges_are_soft() -> None:
    below, above = Ellipse("fat", (0, 0), (0.8, 0.8)), Ellipse("fluid", (0, 0), (0.4, 0.4))
    picture_HW = painted((below, above), side=64).pre_contrast_HW
    assert picture_HW[32, 32].item() == pytest.approx(BRIGHTNESS["fluid"][0])
    assert painted((above, below), side=64).pre_contrast_HW[32, 32].item() == pytest.approx(BRIGHTNESS["fat"][0])
    assert len(picture_HW.unique()) > 6, "pixels on the rim are mixtures"


def test_turning_is_against_the_clock() -> None:
    lesion_HW = painted((Ellipse("lesion", (0, 0), (0.8, 0.1), 45),), side=64).lesion_HW
    assert lesion_HW[16, 48] and not lesion_HW[16, 16], "a quarter up and right of the middle"


@pytest.mark.parametrize("phantom", DRAWN.values(), ids=DRAWN)
def test_a_lesion_turns_from_dark_to_bright(phantom: Phantom) -> None:
    head_HW = scan.head(torch.maximum(phantom.pre_contrast_HW, phantom.flair_HW))
    assert phantom.lesion_HW.any() and bool(head_HW[phantom.lesion_HW].all()), "it lies in the head"
    brain_HW = head_HW & ~phantom.lesion_HW
    assert phantom.pre_contrast_HW[phantom.lesion_HW].mean() < phantom.pre_contrast_HW[brain_HW].mean()
    assert phantom.flair_HW[phantom.lesion_HW].mean() > phantom.flair_HW[brain_HW].mean()
    assert all(plane.min() >= 0 and plane.max() <= 1 for plane in phantom[:2])


def test_a_seed_is_a_head() -> None:
    assert all(torch.equal(a, b) for a, b in zip(head(seed=3), head(seed=3), strict=True))
    assert not torch.equal(head(seed=3).flair_HW, head(seed=4).flair_HW)
    assert not head(seed=3, lesion=0).lesion_HW.any()
    assert head(seed=3, side=96).flair_HW.shape == (96, 96)


@pytest.mark.parametrize("seed", range(12))
def test_every_head_stays_in_the_picture(seed: int) -> None:
    flair_HW = head(seed=seed).flair_HW
    border = torch.cat([flair_HW[0], flair_HW[-1], flair_HW[:, 0], flair_HW[:, -1]])
    assert border.max() < 0.1
