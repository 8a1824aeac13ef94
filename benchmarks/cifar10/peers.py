"""What names CIFAR-10's pictures without a net: pixels weighed, edges counted and weighed, or the nearest pictures.

Each is fitted on the 45,000 pictures that the nets train on; what is chosen is chosen on the 5,000 that validate.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from metrics.classification import accuracy
from signals.image import to_unit
from training import Splits

Predict = Callable[[Tensor], Tensor]
"""8-bit pictures `x_B3HW` to labels `(B,)`."""
CELL, BLOCK, ORIENTATIONS = 4, 2, 9
"""Pixels of a cell's edge, cells of a block's, and directions (Dalal & Triggs 2005), for pictures of 32 pixels."""


@dataclass(frozen=True)
class Peer:
    """Something fitted that names pictures; `numbers` is what it keeps, `seconds` the processor time of its fit."""

    name: str
    predict: Predict
    numbers: int
    seconds: float


def fitted(splits: Splits) -> Iterator[Peer]:
    """All peers, one after the other."""
    for fit in (logistic_regression, hog_svm, nearest_neighbours):
        began = time.process_time()
        name, predict, numbers = fit(splits)
        yield Peer(name, predict, numbers, time.process_time() - began)


Found = tuple[str, Predict, int]


def _best(tried: dict[float, Predict], splits: Splits) -> float:
    """The setting under which most validation pictures are named rightly."""
    x_B, label_B = splits.valid[:2]
    return max(tried, key=lambda setting: accuracy(tried[setting](x_B), label_B))


def logistic_regression(splits: Splits, *, choices: tuple[float, ...] = (1e-4, 1e-3, 1e-2)) -> Found:
    """Logistic regression on standardised pixels; C chosen."""
    from sklearn.linear_model import LogisticRegression

    return _linear(
        "logistic regression on pixels",
        splits,
        lambda x_B: to_unit(x_B).flatten(1).numpy(),
        lambda c: LogisticRegression(C=c, max_iter=100, tol=1e-3),
        choices,
    )


def hog_svm(splits: Splits, *, choices: tuple[float, ...] = (1e-3, 1e-2)) -> Found:
    """A linear support vector machine on histograms of oriented gradients; C chosen."""
    from sklearn.svm import LinearSVC

    return _linear("HOG + linear SVM", splits, histograms, lambda c: LinearSVC(C=c, dual=False, tol=1e-3), choices)  # type: ignore[arg-type]  # the stubs are behind


def _linear(
    name: str, splits: Splits, told: Callable[[Tensor], np.ndarray], made: Callable[[float], Any], choices: Any
) -> Found:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x_BF, label_B = told(splits.train[0]), splits.train[1].numpy()

    def predicting(c: float) -> Predict:
        model = make_pipeline(StandardScaler(), made(c)).fit(x_BF, label_B)
        return lambda x_B: torch.from_numpy(model.predict(told(x_B)))

    tried = {c: predicting(c) for c in choices}
    c = _best(tried, splits)
    return f"{name} (C = {c:g})", tried[c], (x_BF.shape[1] + 1) * len(np.unique(label_B))


def histograms(x_B3HW: Tensor) -> np.ndarray:
    """`(B, F)` float32: scikit-image's HOG, of the channel with the steepest gradient at each pixel."""
    from skimage.feature import hog

    options: dict[str, Any] = {
        "orientations": ORIENTATIONS, "pixels_per_cell": (CELL, CELL), "cells_per_block": (BLOCK, BLOCK),
    }  # fmt: skip
    pictures = x_B3HW.permute(0, 2, 3, 1).numpy()
    return np.stack([hog(picture, channel_axis=-1, **options) for picture in pictures]).astype(np.float32)


def nearest_neighbours(splits: Splits, *, choices: tuple[int, ...] = (1, 3, 5, 10, 20)) -> Found:
    """The most frequent class among the k nearest pictures by Euclidean distance of pixels; k chosen."""
    known_ND, label_N = to_unit(splits.train[0]).flatten(1), splits.train[1]
    length_N = known_ND.square().sum(1)

    def nearest(x_B: Tensor) -> Tensor:
        """The labels of the nearest pictures, nearest first, `(B, K)`."""
        found = []
        for part in x_B.split(500):
            distance_BN = length_N - 2 * to_unit(part).flatten(1) @ known_ND.T  # but for each picture's own length
            found.append(label_N[distance_BN.topk(min(max(choices), len(label_N)), largest=False).indices])
        return torch.cat(found)

    seen_BK = nearest(splits.valid[0])
    right = {k: accuracy(seen_BK[:, :k].mode(1).values, splits.valid[1]) for k in choices}
    k = max(right, key=lambda k: right[k])
    return f"{k} nearest neighbours by pixels", lambda x_B: nearest(x_B)[:, :k].mode(1).values, known_ND.numel()
