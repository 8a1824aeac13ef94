"""What is known of the training's recordings, and what lies beyond it."""

import pytest
import torch

from models.speaker import distances
from training._acquaintance import DIRECTIONS, MISTAKEN, acquaintance, sound_statistics
from training.data import speakers


def test_what_is_known_is_like_the_training_and_unlike_noise(small_root: object) -> None:
    splits = speakers.splits()
    known = acquaintance(splits)
    # a Mahalanobis distance: over the recordings that it was fitted on, its mean is the number of directions
    fitted = distances(sound_statistics(splits.train), known)
    assert fitted.mean().item() == pytest.approx(DIRECTIONS, rel=1e-3)
    beyond = fitted > known["known_limit"]
    assert 0 < beyond.sum() <= 2 * MISTAKEN * len(fitted), "left out they lie further away than at home"
    noise_NT = (3_000 * torch.randn(3, 32_000, generator=torch.Generator().manual_seed(0))).short()
    noise = sound_statistics((noise_NT, torch.full((3,), 32_000)))
    assert (distances(noise, known) > known["known_limit"]).all() and len(known["distance"]) == 120
