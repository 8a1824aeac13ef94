"""Growing boosted trees beside a heartbeat net, on the runs of beats that it learns from."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.boosted_trees import LEAVES, BoostedTrees
from signals.ecg import NORMAL
from signals.ecg_measures import MEASURES, measures
from training._recipe import Arrays

MIDDLE = slice(10, 30)
"""The beats of a run of 40 that trees learn from: where runs follow one another at half their length, each once."""
EVERY_NORMAL = 4
"""Of so many normal beats one is learnt from, and weighs as many."""
POWER = 0.5
"""Classes weigh by this power of how rare they are."""


def grow(trees: BoostedTrees, runs: Arrays) -> None:
    """Fit the trees, in place, to runs `(beat_RLCT, rhythm_RLF, class_RL, ...)`; other classes than theirs are not met.

    The same runs grow the same trees. A class that no run has gets next to no share of any answer.
    """
    measured_BD, class_B, weight_B = _met(runs, trees.classes)
    trees.adopt(_boosting(trees.rounds).fit(measured_BD, class_B, sample_weight=weight_B / weight_B.mean()))


def measured(runs: Arrays) -> tuple[Tensor, Tensor]:
    """The measures of the middle beats of each run `(R, L, D)`, and their classes `(R, L)`."""
    parts = zip(runs[0].cpu().split(200), runs[1].cpu().split(200), strict=True)
    return torch.cat([measures(*part)[:, MIDDLE] for part in parts]), runs[2].cpu()[:, MIDDLE]


def _met(runs: Arrays, classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is learnt from: measures `(B, D)`, class, weight."""
    measured_BD, class_B = (t.flatten(0, 1).numpy() for t in measured(runs))
    is_asked_B = (class_B >= 0) & (class_B < classes)
    is_kept_B = is_asked_B & ((class_B != NORMAL) | (np.random.default_rng(0).random(len(class_B)) < 1 / EVERY_NORMAL))
    # One of each kind that weighs nothing: the library grows another sort of trees where it meets fewer kinds.
    nobody_CD = np.zeros((classes, len(MEASURES)), np.float32)
    class_B = np.concatenate([class_B[is_kept_B], np.arange(classes)])
    weight_B = np.where(class_B == NORMAL, float(EVERY_NORMAL), 1.0)
    weight_B[-classes:] = 1e-6
    n_C = np.bincount(class_B, weight_B)
    weight_B *= (n_C.sum() / n_C[class_B]) ** POWER
    return np.concatenate([measured_BD[is_kept_B], nobody_CD]), class_B, weight_B


def _boosting(rounds: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    never: Any = False  # its stub knows “auto” only
    return HistGradientBoostingClassifier(
        max_iter=rounds, learning_rate=0.07, max_leaf_nodes=LEAVES, min_samples_leaf=40, l2_regularization=5.0,
        max_features=0.3, random_state=0, early_stopping=never,
    )  # fmt: skip
