"""What one place sees: the arithmetic of windows, and the gradient that no pixel beyond them has."""

import pytest
import torch
from torch import nn

from explanation.receptive_field import PIXELS, effective_field


def test_windows_add_up() -> None:
    field = PIXELS.after(3, padding=1).after(2, stride=2).after(3, padding=1)
    assert field == (8, 2, 1)
    assert field.span(4) == (5, 13)


def test_only_what_the_place_sees_moves_it() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.AvgPool2d(2), nn.Conv2d(4, 2, 3, padding=1))
    found_BHW = effective_field(net, "2", torch.rand(2, 3, 16, 16))
    assert found_BHW.shape == (2, 16, 16) and (found_BHW >= 0).all()
    low, high = PIXELS.after(3, padding=1).after(2, stride=2).after(3, padding=1).span(4)
    inside_BHW = found_BHW[:, int(low) : int(high), int(low) : int(high)]
    assert inside_BHW.count_nonzero() == inside_BHW.numel() == found_BHW.count_nonzero()


def test_it_is_the_gradient_of_half_the_squares() -> None:
    triple = nn.Conv2d(1, 1, 1, bias=False)
    triple.weight.data.fill_(3.0)
    net = nn.Sequential(triple, nn.Identity())
    x_BCHW = torch.full((1, 1, 3, 3), 2.0)
    found_BHW = effective_field(net, "1", x_BCHW)
    assert found_BHW[0, 1, 1].item() == pytest.approx(3 * 3 * 2) and found_BHW.count_nonzero() == 1


def test_a_layer_without_places_is_refused_and_leaves_no_ear_behind() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(16, 2))
    with pytest.raises(ValueError, match="keeps no places"):
        effective_field(net, "2", torch.rand(1, 3, 4, 4))
    assert not any(module._forward_hooks for module in net.modules())
