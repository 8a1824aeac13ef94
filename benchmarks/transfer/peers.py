"""What names groceries without a backbone: their colours, their edges, or the most alike picture.

All are fitted on the training split and chosen on validation, as the nets are. Test takes no part. Groceries are told
by colour to a good part: the histogram is the peer to beat.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.dummy import DummyClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor

from metrics.classification import accuracy
from signals.colours import histogram
from signals.image import to_unit
from training import Splits

HOG_SIDE, HOG_CELL, ANGLES = 64, 8, 9
KNN_SIDE = 16


def colours(x_B3HW: Tensor) -> np.ndarray:
    """`(B, F)`: which colours a picture holds (`signals.colours.histogram`)."""
    return histogram(x_B3HW).numpy()


def edges(x_B3HW: Tensor) -> np.ndarray:
    """`(B, F)`: histograms of oriented gradients (Dalal and Triggs 2005) of grey pictures of 64 × 64."""
    from skimage.feature import hog

    grey_BHW = small(x_B3HW, HOG_SIDE).mean(1).numpy()
    options = {"orientations": ANGLES, "pixels_per_cell": (HOG_CELL, HOG_CELL), "cells_per_block": (2, 2)}
    return np.stack([hog(grey_HW, **options) for grey_HW in grey_BHW])


def pixels(x_B3HW: Tensor) -> np.ndarray:
    """`(B, F)`: the pictures themselves at 16 × 16."""
    return small(x_B3HW, KNN_SIDE).flatten(1).numpy()


def nothing(x_B3HW: Tensor) -> np.ndarray:
    """`(B, 1)`: zeros."""
    return np.zeros((len(x_B3HW), 1))


def small(x_B3HW: Tensor, side: int) -> Tensor:
    """Pictures `(B, 3, side, side)` in [0, 1]."""
    parts = (to_unit(part) for part in x_B3HW.split(64))
    return torch.cat([F.interpolate(part, (side, side), mode="bilinear", antialias=True) for part in parts])


def _svm(c: float) -> Any:
    return make_pipeline(StandardScaler(), SVC(C=c, class_weight="balanced"))


PEERS: dict[str, tuple[Callable[[Tensor], np.ndarray], Callable[[Any], Any], tuple[Any, ...]]] = {
    "colour histogram + SVM": (colours, _svm, (0.3, 1.0, 3.0, 10.0, 30.0)),
    "HOG + SVM": (edges, _svm, (0.3, 1.0, 3.0, 10.0, 30.0)),
    "kNN on pixels": (pixels, lambda k: KNeighborsClassifier(k, weights="distance"), (1, 3, 5, 9)),
    "always the most frequent class": (nothing, lambda _: DummyClassifier(), (None,)),
}
"""What a peer sees, what it is, and what is tried of it: the SVM's C, the neighbours."""


@dataclass(frozen=True)
class Peer:
    """A fitted peer, by what choice, its accuracy on validation, and its answers on test `(B,)`."""

    name: str
    choice: Any
    validation: float
    predicted_B: Tensor


def fitted(splits: Splits) -> Iterator[Peer]:
    """Every peer, the choice that is right most often on validation."""
    for name, (see, make, choices) in PEERS.items():
        train, valid, test = (see(arrays[0]) for arrays in splits)
        models = {choice: make(choice).fit(train, splits.train[1].numpy()) for choice in choices}
        right = {c: accuracy(torch.from_numpy(m.predict(valid)), splits.valid[1]) for c, m in models.items()}
        best = max(choices, key=lambda choice: right[choice])
        yield Peer(name, best, right[best], torch.from_numpy(models[best].predict(test)))
