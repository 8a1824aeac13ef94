"""What answers for a gland without a net: its shape measured, its coarse picture, its size alone, or nothing at all.

All are fitted on the training split, as the nets are; what is chosen of them is chosen by five folds, dealt three
times, of training and validation together. Test takes no part.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from torch import Tensor

from metrics.detection import auc
from models.volume import pooled
from signals.image import to_unit
from signals.volume_measures import shape_measures
from training import Splits

SHAPE = "logistic regression on shape measures"
TREES = "boosted trees on shape measures"
COARSE = 8
"""The forest sees a gland in 8³ voxels."""
CHOICES: dict[str, list[Any]] = {
    SHAPE: [0.1, 0.3, 1.0, 3.0, 10.0],
    TREES: list(product((50, 100, 200), (3, 5, 15))),
    "random forest on 8³ voxels": [1, 3, 10],
    "logistic regression on the volume": [1.0],
    "always the most frequent class": [None],
}
"""What is tried of each: C; trees and leaves; samples in a leaf."""


def made(name: str, choice: Any) -> Any:
    """An unfitted model of scikit-learn."""
    if name == TREES:
        rounds, leaves = choice
        return HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=rounds, max_leaf_nodes=leaves, random_state=0
        )
    if name.startswith("random forest"):
        return RandomForestClassifier(300, min_samples_leaf=choice, class_weight="balanced", random_state=0)
    if choice is None:
        return DummyClassifier(strategy="prior")
    logarithm = FunctionTransformer(logarithms)
    return make_pipeline(logarithm, StandardScaler(), LogisticRegression(C=choice, max_iter=5000))


def logarithms(x_BF: np.ndarray) -> np.ndarray:
    """Measures differ by factors; the small number is for a skewness of nothing."""
    return np.log(x_BF + 1e-3)


def seen(name: str, x_B1DHW: Tensor, measures_BF: Tensor) -> np.ndarray:
    """What a peer is handed of 8-bit volumes, `(B, F)`."""
    if name.startswith("random forest"):
        parts = [pooled(to_unit(part), COARSE).flatten(1) for part in x_B1DHW.split(32)]
        return torch.cat(parts).numpy()
    return measures_BF[:, :1].numpy() if name.endswith("the volume") else measures_BF.numpy()


@dataclass(frozen=True)
class Peer:
    """A fitted peer, by what choice, and its AUC in the folds."""

    name: str
    choice: Any
    folds: float
    model: Any

    def scores(self, x_B1DHW: Tensor, measures_BF: Tensor) -> Tensor:
        """The probability of hyperplasia, `(B,)`."""
        return torch.from_numpy(self.model.predict_proba(seen(self.name, x_B1DHW, measures_BF))[:, 1])


def fitted(splits: Splits, measures: dict[str, Tensor], *, rounds: int = 3) -> Iterator[Peer]:
    """Every peer; `measures` are those of each split's glands."""
    x_B1DHW = torch.cat([splits.train[0], splits.valid[0]])
    label_B = torch.cat([splits.train[1], splits.valid[1]]).numpy()
    measures_BF, n = torch.cat([measures["train"], measures["valid"]]), len(splits.train[1])
    for name, choices in CHOICES.items():
        asked_BF = seen(name, x_B1DHW, measures_BF)
        by = {choice: _in_folds(lambda c=choice, k=name: made(k, c), asked_BF, label_B, rounds) for choice in choices}
        best = max(choices, key=lambda choice: by[choice])
        yield Peer(name, best, by[best], made(name, best).fit(asked_BF[:n], label_B[:n]))


def _in_folds(make: Callable[[], Any], x_BF: np.ndarray, label_B: np.ndarray, rounds: int) -> float:
    """The mean AUC of the glands that are left out."""
    areas = []
    for rest, held in RepeatedStratifiedKFold(n_splits=5, n_repeats=rounds, random_state=0).split(x_BF, label_B):
        score_B = make().fit(x_BF[rest], label_B[rest]).predict_proba(x_BF[held])[:, 1]
        areas.append(auc(torch.from_numpy(score_B), torch.from_numpy(label_B[held])))
    return float(np.mean(areas))


def measured(splits: Splits) -> dict[str, Tensor]:
    """`shape_measures` of each split's glands; a minute for all of them."""
    return {name: shape_measures(arrays[0] > 127) for name, arrays in splits._asdict().items()}
