"""Any numbers become a mask, and any mask the nets' own cube: held to shapes whose size and place are known."""

import math

import numpy as np
import pytest
import torch

from signals.volume import ball
from signals.volume_cube import LEAST_VOXELS, SCALED, Volume, inside, placed, standard_affine


def solid(shape: tuple[int, ...], centre: tuple[float, ...], radii_mm: float, spacing: tuple[float, ...]) -> np.ndarray:
    """A ball of `radii_mm` in voxels of that spacing."""
    squares = [((np.arange(n) - c) * s) ** 2 for n, c, s in zip(shape, centre, spacing, strict=True)]
    return squares[0][:, None, None] + squares[1][:, None] + squares[2] <= radii_mm**2


def placed_at(mask_DHW: np.ndarray, spacing: tuple[float, ...]) -> Volume:
    return placed(mask_DHW, np.diag([-spacing[0], -spacing[1], spacing[2], 1.0]), [])


def centre_of(mask_DHW: np.ndarray | torch.Tensor) -> np.ndarray:
    return np.argwhere(np.asarray(mask_DHW) > 0).mean(0)


# What is inside


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int16, np.int64, np.float16, np.float32, np.float64])
def test_two_values_are_a_mask_whatever_they_are(kind: type) -> None:
    truth = ball((9, 9, 9), (4, 4, 4), 3).numpy()
    mask, said = inside(truth.astype(kind))
    assert np.array_equal(mask, truth) and not said
    if kind is not bool:
        mask, said = inside(np.where(truth, 100, 3).astype(kind))
        assert np.array_equal(mask, truth) and not said


def test_labels_are_taken_together_and_grey_is_cut_where_its_two_heaps_part() -> None:
    truth = ball((20, 20, 20), (9, 9, 9), 6).numpy()
    labels = truth.astype(np.uint8) * 3
    labels[9:, truth[0]] = 0
    labels[5:8] = np.minimum(labels[5:8], 2)
    mask, said = inside(labels)
    assert np.array_equal(mask, labels > 0) and "labels up to 3" in said[0]
    noise = np.random.default_rng(0).normal(0, 10, truth.shape)
    mask, said = inside((truth * 100 + 40 + noise).astype(np.float32))
    assert np.array_equal(mask, truth) and "Otsu" in said[0]
    mask, said = inside(-(truth * 100 + 40 + noise), darkest=True)
    assert np.array_equal(mask, truth) and "darker" in said[0]


def test_otsu_agrees_with_scikit_image() -> None:
    from skimage.filters import threshold_otsu

    draw = np.random.default_rng(1)
    grey = np.concatenate([draw.normal(0, 1, 7000), draw.normal(4, 2, 1000)]).reshape(20, 20, 20)
    mask, _ = inside(grey)
    least = grey[mask].min()
    assert abs(least - threshold_otsu(grey)) < 2 * np.ptp(grey) / 256


def test_what_is_no_number_is_outside() -> None:
    truth = ball((9, 9, 9), (4, 4, 4), 3).numpy()
    values = truth.astype(np.float32)
    values[0], values[8], values[1, 0, 0] = np.nan, np.inf, 1e35
    mask, said = inside(values)
    assert np.array_equal(mask, truth) and said == ["22 % of the values are no numbers; they count as outside."]
    for nothing in (np.nan, np.inf, 3e38):
        with pytest.raises(ValueError, match="no shape"):
            inside(np.full((4, 4, 4), nothing, dtype=np.float32))


@pytest.mark.parametrize(
    ("value", "told"), [(0, "every voxel is 0"), (1, "the whole block is inside"), (-7.5, "whole")]
)
def test_nothing_inside_and_everything_inside_are_refused(value: float, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        inside(np.full((8, 8, 8), value))


# Into the cube


def test_such_a_cube_already_stays_as_it_is_wherever_its_shape_lies() -> None:
    mask = ball((64, 64, 64), (12, 40, 30), 9).numpy()
    found = placed_at(mask, (1, 1, 1))
    assert np.array_equal(found.x_DHW.numpy() > 0, mask)
    assert found.millimetres == 1 and not found.said and np.array_equal(found.affine_44, standard_affine(1))


def test_whole_millimetres_are_moved_and_no_value_changes() -> None:
    mask = np.random.default_rng(0).random((30, 40, 50)) > 0.4
    found = placed_at(np.pad(mask, ((90, 5), (3, 60), (20, 20))), (1, 1, 1))
    low = [slice(at.min(), at.max() + 1) for at in np.nonzero(found.x_DHW.numpy())]
    assert np.array_equal(found.x_DHW.numpy()[tuple(low)] > 0, mask) and not found.said
    assert np.abs(centre_of(found.x_DHW) - 32.5).max() <= 0.5


@pytest.mark.parametrize("spacing", [(0.5, 0.5, 0.5), (0.8, 0.8, 3.0), (2.0, 1.0, 1.5), (0.3, 1.1, 2.2)])
def test_voxels_of_any_form_become_cubes_of_a_millimetre(spacing: tuple[float, ...]) -> None:
    shape = tuple(min(250, int(70 / s)) for s in spacing)
    mask = solid(shape, tuple(0.4 * n for n in shape), 14, spacing)
    found = placed_at(mask, spacing)
    assert found.millimetres == 1 and "were resampled to 1 mm" in found.said
    assert found.x_DHW.sum().item() == pytest.approx(mask.sum() * math.prod(spacing), rel=0.03)
    assert np.abs(centre_of(found.x_DHW) - 32.5).max() < 0.6
    ideal = solid((64, 64, 64), tuple(centre_of(found.x_DHW)), 14, (1, 1, 1))
    assert (ideal & (found.x_DHW.numpy() > 0)).sum() > 0.95 * ideal.sum(), "a ball is a ball again"


def test_the_affine_says_where_it_lay() -> None:
    spacing = (0.8, 1.0, 2.5)
    mask = solid((80, 70, 40), (30, 40, 22), 15, spacing)
    affine = np.diag([-0.8, -1.0, 2.5, 1.0])
    affine[:3, 3] = 10, -20, 700
    found = placed(mask, affine, [])
    to_world = lambda a, at: (a @ np.append(at, 1))[:3]  # noqa: E731
    assert np.abs(to_world(affine, centre_of(mask)) - to_world(found.affine_44, centre_of(found.x_DHW))).max() < 0.2


def test_a_side_of_medmnist_is_64_millimetres() -> None:
    found = placed(ball((28, 28, 28), (14, 14, 14), 6).numpy(), None, [])
    assert found.millimetres == 1 and "2.29 mm is assumed" in found.said
    radius = (found.x_DHW.sum().item() / (4 / 3 * math.pi)) ** (1 / 3)
    assert radius == pytest.approx(6.1 * 64 / 28, rel=0.03)


def test_a_shape_near_the_edge_of_the_file_stays_whole_in_the_cube() -> None:
    rod = np.zeros((200, 64, 64), dtype=bool)
    rod[130:193, 20:24, 20:24] = True
    rod[130:140, 5:40, 5:40] = True  # heavy at one end: about its centre of mass it would not fit
    found = placed_at(rod, (1, 1, 1))
    assert found.x_DHW.sum() == rod.sum()


def test_of_several_that_do_not_fit_the_largest_is_taken_and_a_large_one_is_scaled() -> None:
    two = solid((200, 80, 80), (40, 40, 40), 15, (1, 1, 1)) | solid((200, 80, 80), (150, 40, 40), 20, (1, 1, 1))
    found = placed_at(two, (1, 1, 1))
    assert "Its 2 parts do not fit into 64 mm: the largest is shown." in found.said and found.millimetres == 1
    assert found.x_DHW.sum() == solid((64, 64, 64), (32, 32, 32), 20, (1, 1, 1)).sum()
    large = solid((128, 128, 128), (64, 64, 64), 60, (1, 1, 1))
    found = placed_at(large, (1, 1, 1))
    assert found.millimetres == pytest.approx(121 / SCALED) and "scaled down" in found.said
    assert found.x_DHW.sum().item() * found.millimetres**3 == pytest.approx(large.sum(), rel=0.03)
    near = solid((64, 64, 64), (20, 20, 20), 8, (1, 1, 1)) | solid((64, 64, 64), (44, 44, 44), 6, (1, 1, 1))
    assert placed_at(near, (1, 1, 1)).x_DHW.sum() == near.sum(), "what fits keeps all its parts"


def test_a_speck_has_no_form() -> None:
    with pytest.raises(ValueError, match=f"too small to have a form: 27 voxels .* takes {LEAST_VOXELS}"):
        placed_at(np.pad(np.ones((3, 3, 3), dtype=bool), 20), (1, 1, 1))
