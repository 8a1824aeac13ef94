"""A small cells' net with random weights, and the pictures that the tests of Diagnose read."""

from pathlib import Path
from typing import Any

import pytest
import torch

from demos._ui.nets import Net
from demos.diagnose import nets, subjects
from demos.diagnose.nets import Reading
from demos.diagnose.subjects import CELLS
from models.cnn import CNN

CELL, MOLE, CAT = (subjects.example(file) for file in ("cell-large.png", "mole-ragged.jpg", "cat.jpg"))


@pytest.fixture
def net(small_root: Path) -> Net[Any]:
    """A net for cells with random weights and the evidence that a fresh one would have."""
    recipe = CELLS.recipe
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CNN(inputs=3, channels=(8, 16), classes=4).eval()
    assert recipe.evidence is not None
    return Net(recipe, model, recipe.evidence(model, recipe.data()), "small", own=True)


@pytest.fixture
def reading(net: Net[Any]) -> Reading:
    """The drawn cell as that net reads it."""
    return nets.classify(net, CELLS.picture(CELL))
