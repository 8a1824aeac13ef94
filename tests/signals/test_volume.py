"""Volumes, turned, scaled, bitten and packed: each held to what can be counted."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from signals.volume import (
    ROTATIONS,
    ball,
    bitten,
    centre_of_mass,
    filled,
    packed_bits,
    rotate,
    rotations,
    same_size,
    surface,
)


def test_a_cube_has_24_rotations_none_of_them_a_mirror_image() -> None:
    x = torch.arange(27).reshape(3, 3, 3)
    turned = rotations(x)
    assert len(ROTATIONS) == 24 and torch.equal(turned[0], x)
    assert len({tuple(one.flatten().tolist()) for one in turned}) == 24
    assert all(torch.equal(one.flatten().sort().values, x.flatten()) for one in turned)
    # Where the axes of a right-handed frame go: a mirror image would turn its determinant to −1.
    at = lambda one, v: torch.stack(torch.where(one == v)).flatten().float()  # noqa: E731
    middle, ends = 13, (22, 16, 14)
    for one in turned:
        frame = torch.stack([at(one, end) - at(one, middle) for end in ends])
        assert torch.det(frame).item() == pytest.approx(1)


def test_the_rotations_are_a_group_and_keep_what_stands_before_them() -> None:
    x = torch.arange(27).reshape(3, 3, 3)
    all_24 = {tuple(one.flatten().tolist()) for one in rotations(x)}
    for i in range(24):
        assert {tuple(one.flatten().tolist()) for one in rotations(rotate(x, i))} == all_24
    batch = torch.rand(2, 1, 4, 4, 4)
    assert torch.equal(rotate(batch, 7)[1, 0], rotate(batch[1, 0], 7))
    assert rotations(batch).shape == (24, 2, 1, 4, 4, 4)
    with pytest.raises(ValueError, match="this volume is 3 × 4 × 4"):
        rotations(torch.zeros(3, 4, 4))


def balls(*radii: float, side: int = 32) -> Tensor:
    return torch.stack([ball((side,) * 3, (15, 16, 17), r) for r in radii])[:, None].float()


@pytest.mark.parametrize("voxels", [300, 1000, 4000])
def test_all_come_to_one_volume_and_stay_where_they_are(voxels: int) -> None:
    x = balls(4, 7, 9.5)
    found = same_size(x, voxels)
    assert found.dtype == x.dtype and set(found.unique().tolist()) == {0.0, 1.0}
    assert found.flatten(1).sum(1).tolist() == 3 * [voxels]
    assert all((centre_of_mass(one[0]) - torch.tensor([15.0, 16.0, 17.0])).abs().max() < 0.2 for one in found)
    radius = (voxels / (4 / 3 * math.pi)) ** (1 / 3)
    ideal = ball((32,) * 3, (15, 16, 17), radius)
    assert all((one[0].bool() & ideal).sum() > 0.9 * ideal.sum() for one in found), "a ball stays a ball"


def test_what_has_the_size_already_is_left_alone_and_turning_commutes() -> None:
    x = (torch.rand(1, 1, 9, 9, 9, generator=torch.Generator().manual_seed(0)) > 0.7).float()
    assert torch.equal(same_size(x, x.sum().item()), x)
    pear = filled(ball((16, 16, 16), (8, 7, 9), 3.4).float(), (5, 8, 7), 2.2)[None, None]
    a, b = rotate(same_size(pear, 400), 5), same_size(rotate(pear, 5), 400)
    assert (a * b).sum() > 0.95 * 400


def test_what_would_leave_the_cube_grows_to_its_face_only() -> None:
    rod = torch.zeros(1, 1, 16, 16, 16)
    rod[..., 2:14, 7:9, 7:9] = 1
    found = same_size(rod, 1000)
    assert 48 < found.sum() < 200
    assert found[..., 0, :, :].any() and found[..., 15, :, :].any()


def test_partial_volumes_stay_partial_and_an_empty_one_is_refused() -> None:
    grey = balls(5) * 0.5
    found = same_size(grey, 800)
    assert found.sum().item() == pytest.approx(800, rel=0.05) and found.max().item() == pytest.approx(0.5)
    with pytest.raises(ValueError, match="empty volume"):
        same_size(torch.stack([torch.zeros(1, 8, 8, 8), torch.ones(1, 8, 8, 8)]), 10)


def test_a_ball_is_filled_in_and_bitten_off() -> None:
    assert ball((5, 5, 5), (2, 2, 2), 0).sum() == 1 and ball((5, 5, 5), (2, 2, 2), 1).sum() == 7
    assert ball((5, 6, 7), (0, 0, 0), 1).sum() == 4, "a part of it lies outside"
    marked = ball((9, 9, 9), (4, 3, 2), 2.5)
    assert torch.where(marked)[0].float().mean() == 4 and torch.where(marked)[2].float().mean() == 2
    x = torch.rand(2, 1, 9, 9, 9)
    assert (filled(x, (4, 3, 2), 2.5)[..., marked] == 1).all() and (bitten(x, (4, 3, 2), 2.5)[..., marked] == 0).all()
    assert torch.equal(filled(x, (4, 3, 2), 2.5)[..., ~marked], x[..., ~marked])


def test_the_surface_is_what_has_a_neighbour_outside() -> None:
    box = torch.zeros(7, 7, 7)
    box[1:6, 1:6, 1:6] = 1
    found = surface(box)
    assert found.sum() == 5**3 - 3**3 and not found[2:5, 2:5, 2:5].any()
    assert surface(torch.ones(4, 4, 4)).sum() == 4**3 - 2**3, "a face of the volume is outside"
    assert not surface(torch.zeros(2, 4, 4, 4)).any()


def test_bits_are_where_the_page_looks_for_them() -> None:
    mask = torch.rand(4, 6, 8, generator=torch.Generator().manual_seed(0)) > 0.5
    packed = packed_bits(mask)
    assert len(packed) == 24
    for z, y, x in np.ndindex(4, 6, 8):
        n = (z * 6 + y) * 8 + x
        assert packed[n >> 3] >> (n & 7) & 1 == int(mask[z, y, x])
    assert len(packed_bits(torch.zeros(64, 64, 64))) == 2**15
