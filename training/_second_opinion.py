"""A second opinion on training pictures: regressions on published ImageNet features, never asked about what they met.

Labels of small pictures are often wrong, and say nothing of what else a picture resembles. A regression that has seen
other patients only says both; a net that learns from label and opinion alike learns more than from the label (born
again, Furlanello et al. 2018; out of fold, so that a wrong label is not merely repeated).
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.backbone import Backbone
from signals.image import to_unit
from training._recipe import Arrays, Splits
from training._steps import bfloat16_is_fast
from training.data import imagenet
from training.data._root import root

NET, BLOCKS, SIDE = "squeezenet1_0", (3, 5, 7, 9), 80
"""Whose features, after which blocks of its trunk, of pictures enlarged to how many pixels."""
PENALTY = 3e-3
"""The inverse of the regression's penalty (scikit-learn's C)."""
FOLDS = 5


def indexed(data: Callable[[], Splits]) -> Callable[[], Splits]:
    """The same splits, each with `index_B` behind: where `ask` keeps what is thought of a picture."""

    def count() -> Splits:
        """Each split of `data` with its samples' places."""
        return Splits(*((*arrays, torch.arange(len(arrays[0]))) for arrays in data()))

    return count


def ask(model: nn.Module, splits: Splits, *, feature_ID: Tensor | None = None) -> None:
    """Give the net the buffer `opinion_IC`, which is never saved: what others think of each training picture.

    The training arrays are `(x, label, unit, weight, index)`. `feature_ID` are the pictures' `features` by index, where
    somebody has them already. DataMissing, DataDamaged.
    """
    x_B3HW, *_, index_B = splits.train
    feature_BD = features(x_B3HW) if feature_ID is None else feature_ID[index_B]
    classes = 1 + max(int(arrays[1].max()) for arrays in splits)
    opinion_BC = opinions(feature_BD, splits.train, classes)
    opinion_IC = opinion_BC.new_zeros(int(index_B.max()) + 1, opinion_BC.shape[1])
    opinion_IC[index_B] = opinion_BC
    model.register_buffer("opinion_IC", opinion_IC.to(x_B3HW.device), persistent=False)


@torch.no_grad()
def features(x_B3HW: Tensor) -> Tensor:
    """`(B, D)`: means over all places after each of `BLOCKS`, of 8-bit pictures; DataMissing, DataDamaged."""
    net, found = _net(root()), []
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_fast("cpu")):
        for part_B3HW in x_B3HW.cpu().split(64):
            large = F.interpolate(to_unit(part_B3HW), (SIDE, SIDE), mode="bilinear", align_corners=False)
            x_BCHW = ((large - net.mean) / net.deviation).contiguous(memory_format=torch.channels_last)
            seen = []
            for i, block in enumerate(net.trunk):
                x_BCHW = block(x_BCHW)
                if i in BLOCKS:
                    seen.append(x_BCHW.float().mean((2, 3)))
                if i == BLOCKS[-1]:
                    break
            found.append(torch.cat(seen, 1))
    return torch.cat(found)


def opinions(feature_BD: Tensor, arrays: Arrays, classes: int, *, penalty: float = PENALTY) -> Tensor:
    """`(B, classes)`: what each picture is, in probabilities, by a regression that met none of its unit.

    `arrays` are `(x, label_B, unit_B, weight_B, ...)`: mistakes weigh as they do for the net.
    """
    from sklearn.model_selection import GroupKFold

    label_B, unit_B, weight_B = (t.cpu() for t in arrays[1:4])
    found_BC = torch.zeros(len(label_B), classes)
    for others, own in GroupKFold(min(FOLDS, len(unit_B.unique()))).split(label_B, groups=unit_B):
        fitted = regression(penalty).fit(
            feature_BD[others].numpy(), label_B[others].numpy(), logisticregression__sample_weight=weight_B[others]
        )
        known = torch.from_numpy(fitted.classes_)
        found_BC[torch.from_numpy(own)[:, None], known] = _p(fitted, feature_BD[own])
    return found_BC


def regression(penalty: float) -> Any:
    """Logistic regression on standardised features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=300, tol=1e-3))


def _p(fitted: Any, feature_BD: Tensor) -> Tensor:
    return torch.from_numpy(np.asarray(fitted.predict_proba(feature_BD.numpy()))).float()


@cache
def _net(_: Path) -> Backbone:
    with torch.random.fork_rng():
        net = Backbone(name=NET, classes=2)
    net.adopt(imagenet.weights(NET))
    return net.eval()
