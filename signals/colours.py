"""A picture's colours without their places, and two changes that a shop makes: another light, another shelf."""

import torch
from torch import Tensor

BINS = 6
"""Of each of red, green and blue, so 216 colours."""
GAMMA = 2.2
"""A camera's values are about the 2.2th root of light."""


def histogram(x_B3HW: Tensor) -> Tensor:
    """`(B, BINS³)`: the root of each colour's share of an 8-bit picture's pixels, so that distances are Hellinger's."""
    level_B3P = (x_B3HW.flatten(2).long() * BINS) // 256
    bin_BP = (level_B3P[:, 0] * BINS + level_B3P[:, 1]) * BINS + level_B3P[:, 2]
    counts_BK = torch.stack([row_P.bincount(minlength=BINS**3) for row_P in bin_BP])
    return (counts_BK / bin_BP.shape[1]).sqrt()


def tinted(x_B3HW: Tensor, stops: float) -> Tensor:
    """8-bit pictures in a redder light, or below 0 in a bluer one, `(B, 3, H, W)` uint8.

    So many `stops` (powers of two) more of red's light over blue's, half of them given and half taken, as a camera's
    white balance does it.
    """
    gain = 2 ** (stops / 2 / GAMMA)
    gain_311 = torch.tensor([gain, 1.0, 1 / gain]).view(3, 1, 1)
    return (x_B3HW.float() * gain_311).round().clamp(0, 255).byte()


def on_ground(x_B3HW: Tensor, ground_3HW: Tensor, kept: float) -> Tensor:
    """8-bit pictures `(B, 3, H, W)` whose middle square stays, a share `kept` of the area; around it is `ground`."""
    middle_B3HW = ground_3HW.expand_as(x_B3HW).clone()
    height, width = x_B3HW.shape[2:]
    share = min(1.0, max(0.0, kept)) ** 0.5
    top, left = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    inside = (..., slice(top, height - top), slice(left, width - left))
    middle_B3HW[inside] = x_B3HW[inside]
    return middle_B3HW
