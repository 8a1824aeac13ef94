"""Pixels mixed up within blocks: nothing is lost, nothing leaves its block, and every block is mixed alike."""

import pytest
import torch

from signals.scramble import BLOCKS, block_order, scramble


@pytest.mark.parametrize("block", BLOCKS)
def test_a_permutation_within_blocks(block: int) -> None:
    order = block_order(block, 32)
    assert order.sort().values.tolist() == list(range(1024))
    row, column = order // 32, order % 32
    at = torch.arange(1024)
    assert torch.equal(row // block, at // 32 // block) and torch.equal(column // block, at % 32 // block)
    assert torch.equal(order, at) == (block == 1)
    inside = (row % block * block + column % block).view(32 // block, block, 32 // block, block).transpose(1, 2)
    assert (inside.flatten(0, 1) == inside[0, 0]).all(), "the same in every block"


def test_all_of_a_picture_moves_together() -> None:
    x_BCHW = torch.arange(2 * 3 * 16.0).view(2, 3, 4, 4)
    order = block_order(2, 4, seed=3)
    mixed = scramble(x_BCHW, order)
    assert mixed.shape == x_BCHW.shape
    for i in range(16):
        assert torch.equal(mixed.flatten(2)[:, :, i], x_BCHW.flatten(2)[:, :, int(order[i])])


@pytest.mark.parametrize("block", [0, 3, 64])
def test_blocks_that_do_not_fill_the_picture(block: int) -> None:
    with pytest.raises(ValueError, match="take one of 1, 2, 4, 8, 16, 32"):
        block_order(block, 32)
