"""An untrained net of voices with all its evidence, on a small copy of the data."""

from pathlib import Path

import pytest
import torch

from demos._ui.nets import Net
from demos.voices.nets import OURS, RECIPES
from models.speaker import SpeakerNet, Voice
from training.data import speakers
from training.tasks.voices import evidence


@pytest.fixture
def net(small_root: Path) -> Net[Voice]:
    """What a visitor has after a run of no steps."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: Voice = SpeakerNet(channels=16).eval()
    return Net(RECIPES[OURS], model, evidence(model, speakers.splits()), "own 1", own=True)
