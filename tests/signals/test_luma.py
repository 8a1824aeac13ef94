"""Luma and chroma, and Pillow's bicubic kernel, each against who is known for it."""

import numpy as np
import pytest
import torch
from PIL import Image

from signals.luma import broadcast_luma, doubled, resized, to_rgb, to_ycc


def pixels(height: int, width: int, seed: int = 0) -> torch.Tensor:
    """8-bit RGB `(1, 3, height, width)`."""
    return torch.randint(256, (1, 3, height, width), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def test_there_and_back() -> None:
    x_B3HW = pixels(9, 7) / 255
    ycc_B3HW = to_ycc(x_B3HW)
    assert torch.allclose(to_rgb(ycc_B3HW), x_B3HW, atol=1e-5)
    assert ycc_B3HW[:, 0].min() >= 0 and ycc_B3HW[:, 0].max() <= 1 and ycc_B3HW[:, 1:].abs().max() <= 0.5


def test_the_corners_of_the_cube() -> None:
    white, red, blue = (torch.tensor(c).view(1, 3, 1, 1) for c in ((1.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)))
    assert torch.allclose(to_ycc(white).flatten(), torch.tensor([1.0, 0.0, 0.0]), atol=1e-6)
    assert to_ycc(red)[0, 2].item() == pytest.approx(0.5) and to_ycc(blue)[0, 1].item() == pytest.approx(0.5)


def test_broadcast_luma_is_scikit_images() -> None:
    from skimage.color import rgb2ycbcr

    x_B3HW = pixels(40, 50)
    theirs = rgb2ycbcr(x_B3HW[0].permute(1, 2, 0).numpy())[..., 0].round()
    mine = broadcast_luma(x_B3HW)[0]
    assert mine.dtype == torch.uint8 and np.array_equal(mine.numpy(), theirs)
    ends = broadcast_luma(torch.tensor([0, 255], dtype=torch.uint8).expand(1, 3, 1, 2))
    assert ends.flatten().tolist() == [16, 235]


@pytest.mark.parametrize("size", [(24, 32), (48, 64), (12, 16), (31, 23), (9, 50), (1, 1)])
def test_resizing_is_pillows(size: tuple[int, int]) -> None:
    x_B3HW = 64 + pixels(24, 32) // 2  # Pillow clips between its two passes: nothing here is to be clipped
    picture = Image.fromarray(x_B3HW[0].permute(1, 2, 0).numpy())
    theirs = np.asarray(picture.resize((size[1], size[0]), Image.Resampling.BICUBIC)).astype(int)
    mine = resized(x_B3HW.float(), size)[0].clamp(0, 255).round().permute(1, 2, 0).numpy().astype(int)
    assert np.abs(mine - theirs).max() <= 1, "Pillow rounds between its two passes"
    assert np.abs(mine - theirs).mean() < 0.3


def test_doubled_is_twice_as_large_and_keeps_a_flat_picture_flat() -> None:
    assert doubled(torch.rand(2, 1, 5, 3)).shape == (2, 1, 10, 6)
    assert torch.allclose(doubled(torch.full((1, 1, 4, 1), 0.3)), torch.tensor(0.3))
