"""Pictures with their pixels mixed up within blocks: one fixed permutation, the same in every block.

A perceptron that learns from such pictures loses nothing: to it pixels have no neighbours. A convolutional net loses
what it takes for granted (Ivan 2019, “Convolution on shuffled pixels”).
"""

import torch
from torch import Tensor

BLOCKS = (1, 2, 4, 8, 16, 32)
"""Pixels of a block's side: 1 leaves a picture as it is, 32 mixes all of it."""


def block_order(block: int, side: int, *, seed: int = 0) -> Tensor:
    """`(side²,)` int64: from which pixel, counted row by row, each pixel of the scrambled picture comes.

    ValueError where blocks of `block` pixels do not fill a picture of `side`.
    """
    if block < 1 or side % block:
        raise ValueError(f"Blocks of {block} pixels do not fill a picture of {side}: take one of {_fitting(side)}.")
    draw = torch.Generator().manual_seed(seed)
    inside = torch.randperm(block**2, generator=draw).view(block, block)
    pixel_SS = torch.arange(side**2).view(side, side)
    place_NNbb = pixel_SS.unfold(0, block, block).unfold(1, block, block)
    mixed_NNbb = place_NNbb.flatten(2)[:, :, inside]
    return mixed_NNbb.permute(0, 2, 1, 3).reshape(-1)


def scramble(x_BCHW: Tensor, order_N: Tensor) -> Tensor:
    """Pictures `(B, C, H, W)` with their pixels, all channels of one together, where `block_order` puts them."""
    return x_BCHW.flatten(2).index_select(2, order_N).view(x_BCHW.shape)


def _fitting(side: int) -> str:
    return ", ".join(str(block) for block in range(1, side + 1) if side % block == 0)
