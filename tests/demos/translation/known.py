"""Nets whose answer is known, and checkpoints of nets that know nothing."""

import itertools
from typing import Any

import torch
from torch import Tensor, nn

from demos._ui.nets import Net
from demos.translation.nets import SQUARED, THERE, Direction, Scan
from models import _checkpoint
from models.dense_unet import DenseUNet
from signals.scan import winsorised
from tests.cards import blank

_MADE = itertools.count(1)


class Given(nn.Module):
    """A function of the winsorised input."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x_B1HW: Tensor) -> Tensor:
        return self.function(winsorised(x_B1HW))


def own(model: nn.Module, direction: Direction = THERE, loss: str = SQUARED) -> Net[Any]:
    """A visitor's net of that direction and loss."""
    return Net(direction.recipes[loss], model, {}, f"known {next(_MADE)}", own=True)


def net(function: Any = lambda x: x, direction: Direction = THERE, loss: str = SQUARED) -> Net[Any]:
    """A visitor's net that computes a function; one that does nothing if none is given."""
    return own(Given(function), direction, loss)


def oracle(of: Scan) -> Net[Any]:
    """A net that knows this scan's truth."""
    return net(lambda x: of.truth["flair"].expand_as(x))


def shelve(loss: str, direction: Direction = THERE) -> None:
    """Write a small net with random weights as this loss's checkpoint."""
    recipe = direction.recipes[loss]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = DenseUNet(stem=4, growth=(2, 2), layers=1, batch_norm=False)
    card = blank(recipe.name, model, metrics={"psnr_db_head": 12.34})
    _checkpoint.save(recipe.name, model, card)
