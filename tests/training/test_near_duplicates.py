"""Twins are found by what a net sees, and chance tells how like a twin has to be."""

import torch
from torch import nn

from training._near_duplicates import PLACES, signatures, twins


def test_signatures_have_places() -> None:
    model = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.GELU())
    x_B3HW = torch.randint(0, 256, (7, 3, 16, 16), dtype=torch.uint8)
    found_BD = signatures(model, "1", x_B3HW)
    assert found_BD.shape == (7, 5 * PLACES**2)
    assert not torch.allclose(found_BD, signatures(model, "1", x_B3HW.flip(3)), atol=1e-3), "places count"


def test_twins_are_told_from_strangers() -> None:
    draw = torch.Generator().manual_seed(0)
    train_ND = torch.randn(400, 16, generator=draw)
    label_N = torch.arange(400) % 4
    test_BD = torch.randn(200, 16, generator=draw)
    test_label_B = torch.arange(200) % 4
    for i in range(3, 9):
        test_BD[i] = train_ND[50 * i % 400] + 0.05 * torch.randn(16, generator=draw)
        test_label_B[i] = label_N[50 * i % 400]
    found = twins(train_ND, label_N, test_BD, test_label_B)
    assert found.is_twin_B[3:9].all() and found.nearest_B[3:9].tolist() == [50 * i % 400 for i in range(3, 9)]
    assert found.ratio_B[3:9].max() < 0.2 and found.is_twin_B.sum() < 12, "chance is held down"


def test_one_of_a_crowd_is_nobodys_twin() -> None:
    """Half of the pictures are nearly one and the same: near each other, and no nearer to one than to twenty."""
    draw = torch.Generator().manual_seed(0)
    train_ND, test_BD = 10 + torch.randn(400, 16, generator=draw), 10 + torch.randn(200, 16, generator=draw)
    train_ND[200:] = torch.arange(16.0) + 0.05 * torch.randn(200, 16, generator=draw)
    test_BD[100:] = torch.arange(16.0) + 0.05 * torch.randn(100, 16, generator=draw)
    found = twins(train_ND, torch.arange(400) % 4, test_BD, torch.arange(200) % 4)
    assert (found.nearest_B[100:] >= 200).all() and found.is_twin_B[100:].sum() < 4
