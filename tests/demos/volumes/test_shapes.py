"""The volumes that nets are asked about: what the rubber leaves of them, and what it refuses."""

from typing import Any

import pytest
import torch

from demos.volumes import shapes
from demos.volumes.shapes import EDGE, EXAMPLES, FLAG, Volume
from signals import volume
from training.data import medmnist, samples


def cube(side: int = 20) -> Volume:
    x_DHW = torch.zeros(EDGE, EDGE, EDGE, dtype=torch.uint8)
    x_DHW[20 : 20 + side, 20 : 20 + side, 20 : 20 + side] = 255
    return Volume("a cube", x_DHW, "cube")


def test_the_examples_are_glands_of_the_test_set_that_ships() -> None:
    with samples():
        x_B1DHW, label_B, _ = medmnist.part(FLAG, "test", size=EDGE)
    for key, (_, number) in EXAMPLES.items():
        shown = shapes.example(key)
        assert shown.x_DHW.dtype == torch.uint8 and shown.x_DHW.shape == (EDGE,) * 3
        if number is not None:
            assert torch.equal(shown.x_DHW, x_B1DHW[number, 0]) and shown.truth == label_B[number]


def test_balls_are_bitten_off_and_filled_in_one_after_another() -> None:
    given = cube()
    ball = volume.ball((EDGE,) * 3, (30, 30, 20), 4)
    bitten = shapes.rubbed(given, [[30, 30, 20, 4, 0]])
    assert torch.equal(bitten.x_DHW > 0, (given.x_DHW > 0) & ~ball)
    back = shapes.rubbed(given, [[30, 30, 20, 4, 0], [30, 30, 20, 4, 1]])
    assert torch.equal(back.x_DHW > 0, (given.x_DHW > 0) | ball)
    assert bitten.x_DHW.dtype == torch.uint8 and bitten.x_DHW.max() == 255 and bitten.voxels < given.voxels
    assert shapes.rubbed(given, []).voxels == given.voxels == 8000 and given.millilitres == 8.0


@pytest.mark.parametrize(
    ("strokes", "told"),
    [
        ([[32, 32, 32, 16, 0]] * 3 + [[32, 32, 32, 40, 0]], "radius"),
        ([[32, 32, 99, 4, 0]], "inside the cube"),
        ([[32, 32, 32, 4]], "no ball"),
        ([["a", 32, 32, 4, 0]], "no ball"),
        ("everything", "At most 60"),
        ([[32, 32, 32, 4, 0]] * 61, "At most 60"),
        ([[25 + i, 25 + j, 25 + k, 14, 0] for i in (0, 10) for j in (0, 10) for k in (0, 10)], "Nothing is left"),
    ],
)  # fmt: skip
def test_what_is_no_ball_is_refused(strokes: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        shapes.rubbed(cube(), strokes)


def test_a_random_test_gland_comes_with_its_truth() -> None:
    shown = shapes.random_test_gland()
    assert shown.x_DHW.shape == (EDGE,) * 3 and shown.truth in (0, 1) and "test gland" in shown.words
