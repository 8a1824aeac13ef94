"""The strangers of CIFAR-10 are the same in every run, in the form that the net is shown; warnings are counted."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks import cifar_strangers
from demos._ui.nets import Net
from demos.cifar10.nets import CNN, PAIR


@pytest.mark.parametrize("made", [cifar_strangers.photographs, cifar_strangers.noise])
def test_strangers_are_drawn_alike_every_time(made: cifar_strangers.Callable) -> None:
    first, again, other = (cifar_strangers.prepared(islice(made(np.random.default_rng(seed)), 9)) for seed in (0, 0, 1))
    assert first.shape == (9, 3, 32, 32) and first.dtype == torch.uint8
    assert torch.equal(first, again) and not torch.equal(first, other)


class Brightness(nn.Module):
    """Speaks the louder, the lighter a picture is."""

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return 10 * x_BCHW.mean((1, 2, 3))[:, None].expand(-1, 10)


def test_those_less_clear_than_nearly_all_of_validation_are_counted() -> None:
    loudest, share = -torch.linspace(10, 0, 101) - torch.tensor(10.0).log(), torch.linspace(0, 1, 201)
    net = Net(PAIR[CNN], Brightness(), {"energies": loudest}, "known")
    x_B3HW = (255 * share).byte()[:, None, None, None].expand(-1, 3, 32, 32)
    assert cifar_strangers.warned(net, x_B3HW) == pytest.approx(0.03, abs=0.011), "the darkest three of a hundred"
