"""What stands beside the heartbeat nets: a random forest, and a net that has met the test hearts."""

from dataclasses import replace

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from torch import Tensor

from models.ecg import probabilities
from signals import ecg, ecg_context
from training import Arrays, Run, Splits
from training.data import beats, mitbih
from training.recipes import ecg_cnn

WINDOW = (90, 144)
"""Samples at 360 Hz before and after R."""


def seen(names: tuple[str, ...]) -> Arrays:
    """What a forest sees of the beats of these records: `(x_BD float32, class_B, record_B)`.

    The lead around each R, in mV, and the first six measures of its rhythm, `(B, 240)`.
    """
    parts = []
    for name in names:
        it = mitbih.record(name)
        x_T, r_B = ecg.clean(it.x_T), it.r_B
        whole_B = (r_B >= beats.MARGIN[0]) & (r_B + beats.MARGIN[1] <= len(x_T))
        window_BD = np.hstack([ecg.cut(x_T, r_B, *WINDOW), ecg_context.rhythm(r_B)[:, :6]]).astype(np.float32)
        columns = (window_BD, it.class_B, np.full(len(r_B), beats.NUMBERS[name]))
        parts.append([torch.from_numpy(np.ascontiguousarray(column[whole_B])) for column in columns])
    return tuple(torch.cat(column) for column in zip(*parts, strict=True))


def forest(train: Arrays, test: Arrays, *, trees: int) -> Tensor:
    """The answers of a balanced random forest."""
    model = RandomForestClassifier(trees, class_weight="balanced", min_samples_leaf=2, random_state=0)
    model.fit(train[0].numpy(), train[1].numpy())
    return torch.as_tensor(model.predict(test[0].numpy()))


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
