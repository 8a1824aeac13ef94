"""Volumes of solid things: turned exactly, brought to one size, bitten into, and packed for a page.

A volume is `x_DHW`, indexed z, y, x; a mask is 1 inside the thing and 0 outside.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

FACES = ((0, (-3, -2)), (1, (-3, -2)), (2, (-3, -2)), (3, (-3, -2)), (1, (-3, -1)), (3, (-3, -1)))
"""Which of a cube's six faces comes to the front: so many quarter turns in the plane of two axes."""
ROTATIONS = tuple((quarters, plane, turn) for quarters, plane in FACES for turn in range(4))
"""The 24 rotations of a cube: number `i` brings face `i // 4` to the front and turns it there by `i % 4` quarters."""


def rotate(x_DHW: Tensor, i: int) -> Tensor:
    """`(..., D, H, W)`: the volume turned by number `i` of `ROTATIONS`; 0 leaves it as it is. No value changes."""
    quarters, plane, turn = ROTATIONS[i]
    return x_DHW.rot90(quarters, plane).rot90(turn, (-2, -1))


def rotations(x_DHW: Tensor) -> Tensor:
    """`(24, ..., D, H, W)`: a cube in its 24 rotations, itself first and no mirror image among them.

    Raises ValueError where its sides differ.
    """
    if len(set(x_DHW.shape[-3:])) != 1:
        sides = " × ".join(map(str, x_DHW.shape[-3:]))
        raise ValueError(f"Only a cube fits into itself when it is turned, and this volume is {sides}: pad it to one.")
    return torch.stack([rotate(x_DHW, i) for i in range(len(ROTATIONS))])


def centre_of_mass(x_DHW: Tensor) -> Tensor:
    """`(3,)`: the mean place z, y, x in voxels, each counted at its centre, from 0; NaN of an empty volume."""
    at_N3 = x_DHW.nonzero()
    weight_N = x_DHW[at_N3.unbind(1)].float()
    return (weight_N[:, None] * at_N3).sum(0) / weight_N.sum()


def same_size(x_B1DHW: Tensor, voxels: float) -> Tensor:
    """`(B, 1, D, H, W)`: each thing scaled about its centre of mass, alike in three axes, to a volume of `voxels`.

    Values between voxels are trilinear. A mask stays one: it keeps as many places as the volume asks for, those with
    the highest values, which is a threshold near 0.5. What would leave the cube grows only until it touches a face:
    its volume then stays below `voxels`. Raises ValueError where a volume is empty.
    """
    return torch.stack([_scaled(x_DHW, voxels) for x_DHW in x_B1DHW[:, 0]])[:, None]


def _scaled(x_DHW: Tensor, voxels: float) -> Tensor:
    volume = x_DHW.sum(dtype=torch.float32).item()
    if not volume > 0:
        raise ValueError("An empty volume has no size that could be changed. Leave out those without a voxel inside.")
    centre_3 = centre_of_mass(x_DHW)
    factor = min((voxels / volume) ** (1 / 3), _largest_factor(x_DHW, centre_3))
    found = x_DHW.float()
    for length, centre in zip(x_DHW.shape, centre_3, strict=True):  # three times along the first axis, which goes last
        to_N = torch.arange(length, device=x_DHW.device)
        from_N = centre + (to_N - centre) / factor
        found = found.movedim(0, -1) @ F.relu(1 - (from_N - to_N[:, None]).abs())
    if not bool(((x_DHW == 0) | (x_DHW == 1)).all()):
        return found.to(x_DHW.dtype)
    kept = found.flatten().topk(max(1, round(volume * factor**3))).indices
    return torch.zeros_like(x_DHW).flatten().index_fill(0, kept, 1).view_as(x_DHW)


def _largest_factor(x_DHW: Tensor, centre_3: Tensor) -> float:
    """How much a thing may grow about its centre before it leaves the volume."""
    at_N3, sides = x_DHW.nonzero(), torch.tensor(x_DHW.shape, device=x_DHW.device)
    below = (centre_3 + 0.5) / (centre_3 - at_N3.amin(0) + 0.5)
    above = (sides - 0.5 - centre_3) / (at_N3.amax(0) + 0.5 - centre_3)
    return min(*below.tolist(), *above.tolist())


def ball(shape: Sequence[int], centre_zyx: Sequence[float], radius: float) -> Tensor:
    """`(D, H, W)` bool: the voxels whose centres lie within `radius` voxels of a place; may reach out of the volume."""
    squares = [(torch.arange(length) - centre) ** 2 for length, centre in zip(shape, centre_zyx, strict=True)]
    z_D, y_H, x_W = squares
    return z_D[:, None, None] + y_H[:, None] + x_W <= radius**2


def filled(x_DHW: Tensor, centre_zyx: Sequence[float], radius: float) -> Tensor:
    """`(..., D, H, W)`: the volume with a ball set to 1."""
    return x_DHW.masked_fill(ball(x_DHW.shape[-3:], centre_zyx, radius).to(x_DHW.device), 1)


def bitten(x_DHW: Tensor, centre_zyx: Sequence[float], radius: float) -> Tensor:
    """`(..., D, H, W)`: the volume with a ball set to 0."""
    return x_DHW.masked_fill(ball(x_DHW.shape[-3:], centre_zyx, radius).to(x_DHW.device), 0)


def surface(mask_DHW: Tensor) -> Tensor:
    """`(..., D, H, W)` bool: the voxels inside with one of their six neighbours outside, or on a face of the volume."""
    inside = mask_DHW > 0
    padded = F.pad(inside, (1, 1, 1, 1, 1, 1))
    covered = torch.ones_like(inside)
    for axis in (-3, -2, -1):
        for step in (-1, 1):
            covered &= padded.roll(step, axis)[..., 1:-1, 1:-1, 1:-1]
    return inside & ~covered


def packed_bits(mask_DHW: Tensor) -> bytes:
    """A mask at a bit a voxel, 32 KB of 64³: voxel `n = (z H + y) W + x` is bit `n & 7` (0 is 1) of byte `n >> 3`."""
    return np.packbits((mask_DHW > 0).cpu().numpy().ravel(), bitorder="little").tobytes()
