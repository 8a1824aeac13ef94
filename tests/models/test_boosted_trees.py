"""Trees as tensors answer as the library that grew them does."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier

from models.boosted_trees import LEAVES, BoostedTrees


def grown(rounds: int) -> tuple[HistGradientBoostingClassifier, np.ndarray]:
    draw = np.random.default_rng(0)
    x_BD = draw.normal(size=(2000, 6)).astype(np.float32)
    class_B = (x_BD[:, 0] > 0.5).astype(int) + (x_BD[:, 1] * x_BD[:, 2] > 0.4)
    never: Any = False  # its stub knows “auto” only
    fitted = HistGradientBoostingClassifier(max_iter=rounds, max_leaf_nodes=LEAVES, early_stopping=never)
    return fitted.fit(x_BD[:1000], class_B[:1000]), x_BD[1000:]


@pytest.mark.parametrize("rounds", [1, 12])
def test_the_answers_are_the_library_s(rounds: int) -> None:
    fitted, x_BD = grown(rounds)
    trees = BoostedTrees(rounds=rounds, classes=3)
    trees.adopt(fitted)
    p_BC = trees(torch.from_numpy(x_BD))
    assert np.abs(p_BC.numpy() - fitted.predict_proba(x_BD)).max() < 1e-5
    assert p_BC.std(0).min() > 0.01, "nothing is compared where all have one answer"


def test_what_no_tree_has_met_is_anything() -> None:
    p_BC = BoostedTrees(rounds=2, classes=3)(torch.randn(4, 6))
    assert torch.allclose(p_BC, torch.full((4, 3), 1 / 3))


def test_they_are_weights_as_others_are() -> None:
    fitted, x_BD = grown(3)
    trees, again = (BoostedTrees(rounds=3, classes=3) for _ in range(2))
    trees.adopt(fitted)
    again.load_state_dict(trees.state_dict())
    assert torch.equal(again(torch.from_numpy(x_BD)), trees(torch.from_numpy(x_BD)))
