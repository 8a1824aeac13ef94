"""Augmentations change what they should, leave what they should, and draw from nobody but their generator."""

import pytest
import torch
from torch import Tensor

from training import _augment
from training._augment import affine, coin_flipped, colour, cropped, dihedral, mirrored, shifted, stain

ALL = [dihedral, affine, stain, colour]


def pictures() -> Tensor:
    return torch.rand(16, 3, 9, 9, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("augment", ALL)
def test_same_seed_same_pictures(augment) -> None:
    x, state = pictures(), torch.get_rng_state()
    one, two, other = (augment(x, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, two) and not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state) and torch.equal(x, pictures())
    assert one.shape == x.shape and one.min() >= 0 and one.max() <= 1


def test_all_eight_ways_to_lay_a_picture_down() -> None:
    x = torch.arange(9.0).view(1, 1, 3, 3).expand(400, 1, 3, 3)
    found = {tuple(one.flatten().tolist()) for one in dihedral(x, torch.Generator().manual_seed(0))}
    eight = {tuple(t.rot90(k).flatten().tolist()) for k in range(4) for t in (x[0, 0], x[0, 0].flip(1))}
    assert found == eight


@pytest.mark.parametrize(
    ("augment", "still"),
    [
        (affine, {"turn": 0.0, "zoom": 0.0, "shift": 0.0}),
        (stain, {"scale": 0.0, "offset": 0.0}),
        (colour, {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "cast": 0.0}),
    ],
)
def test_nothing_happens_where_nothing_is_asked_for(augment, still: dict[str, float]) -> None:
    x = pictures().clamp(min=1 / 255)
    assert torch.allclose(augment(x, torch.Generator().manual_seed(0), **still), x, atol=1e-5)


def test_stains_mix_by_density() -> None:
    haematoxylin = (-_augment.HED[0]).exp().view(1, 3, 1, 1)
    changed = stain(haematoxylin, torch.Generator().manual_seed(0), scale=0.5, offset=0.0)
    density = -changed.log().flatten()
    assert torch.allclose(density / density.norm(), _augment.HED[0] / _augment.HED[0].norm(), atol=1e-4), "same hue"


def test_every_mirror_image_of_a_volume_comes() -> None:
    x = torch.zeros(200, 1, 4, 4, 4)
    x[:, 0, 0, 0, 0] = 1
    found = mirrored(x, torch.Generator().manual_seed(0))
    assert len({tuple(one.nonzero()[0].tolist()) for one in found}) == 8
    state = torch.get_rng_state()
    again = mirrored(x, torch.Generator().manual_seed(0))
    assert torch.equal(found, again) and torch.equal(torch.get_rng_state(), state)


def test_what_leaves_a_volume_does_not_come_back_on_the_other_side() -> None:
    x = torch.ones(100, 1, 5, 6, 7)
    found = shifted(x, torch.Generator().manual_seed(0), shift=2)
    assert found.shape == x.shape and found.unique().tolist() == [0, 1]
    for one, axis in zip(found[:, 0], torch.arange(100) % 3, strict=True):
        filled = one.amax([a for a in range(3) if a != axis])
        assert len(filled) - 2 <= filled.sum() <= len(filled), "by two voxels at most"
    assert len({tuple((one[0] > 0).nonzero().amin(0).tolist()) for one in found}) > 15


def test_a_crop_is_a_shift_with_the_picture_mirrored_at_its_edge() -> None:
    x = torch.arange(2 * 5 * 7).view(1, 2, 5, 7).expand(300, 2, 5, 7)
    found = cropped(x, torch.Generator().manual_seed(0), shift=2)
    padded = torch.nn.functional.pad(x[:1].float(), (2, 2, 2, 2), mode="reflect").to(x.dtype)
    all_25 = [padded[0, :, top : top + 5, left : left + 7] for top in range(5) for left in range(5)]
    which = [[torch.equal(one, crop) for crop in all_25] for one in found]
    assert all(sum(one) == 1 for one in which), "each is one of the crops"
    assert torch.tensor(which).any(0).all(), "each crop comes"
    assert found.dtype == x.dtype and found.is_contiguous(memory_format=torch.channels_last)


def test_a_coin_mirrors_half_of_the_pictures() -> None:
    x = pictures()[:1].expand(400, 3, 9, 9)
    found = coin_flipped(x, torch.Generator().manual_seed(0))
    flipped = (found == x.flip(3)).flatten(1).all(1)
    assert 150 < flipped.sum() < 250 and torch.equal(found[~flipped], x[~flipped])
