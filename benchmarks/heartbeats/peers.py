"""What stands beside the heartbeat nets: a random forest, boosted trees, and a net that has met the test hearts."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from torch import Tensor

from benchmarks.heartbeats.measures import measures
from models.ecg import probabilities
from signals import ecg
from signals.ecg import NORMAL
from training import Arrays, Run, Splits
from training.data import beats, mitbih
from training.recipes import ecg_cnn

See = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From a clean lead and its R peaks to what is seen of each beat `(B, D)`."""
SHARES = {"recorded": 1.0, "early": 0.4, "fibrillating": 0.25}
"""What a beat of a record and of its made-up copies weighs."""
EVERY_NORMAL = 6
"""Of so many normal beats one is learnt from, and weighs as many."""


def seen(names: tuple[str, ...], see: See, *, kind: str = "recorded") -> Arrays:
    """What is seen of the beats of these records, or of their made-up copies: `(x_BD float32, class_B, record_B)`."""
    parts = []
    for name in names:
        it = mitbih.record(name)
        x_T, r_B, class_B = ecg.clean(it.x_T), it.r_B, it.class_B
        if kind in beats.MADE_UP:
            draw = np.random.default_rng([beats.NUMBERS[name], list(beats.MADE_UP).index(kind)])
            x_T, r_B, class_B = beats.MADE_UP[kind](x_T, r_B, class_B, draw)
        whole_B = (r_B >= beats.MARGIN[0]) & (r_B + beats.MARGIN[1] <= len(x_T))
        number_B = np.full(len(r_B), beats.NUMBERS[name])
        columns = (see(x_T, r_B).astype(np.float32), class_B, number_B)
        parts.append([torch.from_numpy(np.ascontiguousarray(column[whole_B])) for column in columns])
    return tuple(torch.cat(column) for column in zip(*parts, strict=True))


def forest(train: Arrays, test: Arrays, *, trees: int) -> Tensor:
    """The answers of a balanced random forest."""
    model = RandomForestClassifier(trees, class_weight="balanced", min_samples_leaf=2, random_state=0)
    model.fit(train[0].numpy(), train[1].numpy())
    return torch.as_tensor(model.predict(test[0].numpy()))


def boosting(names: tuple[str, ...], test: Arrays, *, trees: int) -> tuple[Tensor, float]:
    """The answers of boosted histogram trees on `measures`, and the seconds that they took to fit.

    They learn N, S and V from the same records and made-up rhythms as `ecg`; classes weigh by the root of their number.
    """
    draw, began = np.random.default_rng(0), time.process_time()
    xs, ys, weights = [], [], []
    for kind, share in SHARES.items():
        x_BD, class_B = (t.numpy() for t in seen(names, measures, kind=kind)[:2])
        kept_B = (class_B >= 0) & (class_B < 3) & ((class_B != NORMAL) | (draw.random(len(class_B)) < 1 / EVERY_NORMAL))
        xs.append(x_BD[kept_B])
        ys.append(class_B[kept_B])
        weights.append(share * np.where(ys[-1] == NORMAL, EVERY_NORMAL, 1.0))
    x_BD, class_B, weight_B = map(np.concatenate, (xs, ys, weights))
    n_C = np.bincount(class_B, weight_B)
    weight_B = weight_B * ((n_C.sum() / n_C.clip(min=1)) ** 0.5)[class_B]
    never: Any = False  # its stub knows “auto” only
    model = HistGradientBoostingClassifier(
        max_iter=trees, learning_rate=0.07, max_leaf_nodes=15, min_samples_leaf=40, l2_regularization=5.0,
        max_features=0.3, random_state=0, early_stopping=never,
    )  # fmt: skip
    model.fit(x_BD, class_B, sample_weight=weight_B / weight_B.mean())
    seconds = time.process_time() - began
    return torch.as_tensor(model.predict(test[0].numpy())), round(seconds, 1)


def shuffled(splits: Splits, *, seed: int = 0) -> Splits:
    """The same beats, dealt at random into parts of the same sizes: the split that inflates."""
    pooled = [torch.cat(columns) for columns in zip(*splits, strict=True)]
    order = torch.randperm(len(pooled[0]), generator=torch.Generator().manual_seed(seed))
    parts = order.split([len(arrays[0]) for arrays in splits])
    return Splits(*(tuple(column[part] for column in pooled) for part in parts))


def inflated_cnn(splits: Splits, *, seconds: float | None) -> Tensor:
    """The answers of `ecg_cnn`'s net, trained by its own recipe on the shuffled beats."""
    recipe = replace(ecg_cnn.recipe, data=lambda: splits)
    run = Run(recipe, replace(recipe.budget, seconds=seconds))
    for _ in run:
        pass
    return probabilities(run.best_model(), splits.test[0]).argmax(1)
