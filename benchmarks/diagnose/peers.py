"""Baselines and peers of both nets, fitted on the files that the recipes use."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks._report import Claim, claim
from benchmarks.choices import cells_cnn as cells_choice
from benchmarks.diagnose._nets import Facts, trained
from benchmarks.diagnose._rows import COLUMNS, card_line, melanoma_note, mole_peer, peer, peer_line
from models import _checkpoint, load
from models.backbone import Backbone
from models.cnn import CNN
from signals.image import to_unit
from training import Arrays, _second_opinion
from training._table import markdown
from training.data import crc_cells, imagenet, ph2
from training.tasks.classification import metrics_of_logits, predict_logits


def measure() -> Facts:
    """`cells` and `moles`: a row for each peer."""
    return {"cells": cell_peers(), "moles": mole_peers()}


def cell_peers() -> list[Facts]:
    """Forest on pixels, regression on ImageNet features, the net's answers over eight ways to turn, and beside it."""
    train, _, test = crc_cells.splits()
    ask = partial(peer, label_B=test[1], unit_B=test[2], classes=crc_cells.CLASSES)
    regression = log_odds(regression_of_all_patients(), _second_opinion.features(test[0]).numpy())
    trees = forest().fit(pixels(train[0]), train[1].numpy())
    net = load(CNN, "cells_cnn").model
    turned = [x for k in range(4) for x in (test[0].rot90(k, (2, 3)), test[0].rot90(k, (2, 3)).flip(3))]
    averaged = torch.stack([predict_logits(net, x).softmax(1) for x in turned]).mean(0).log()
    both = (predict_logits(net, test[0]).softmax(1) + regression.softmax(1)).log()
    return [
        ask("the most frequent class", F.one_hot(torch.full_like(test[1], 2), 4).float()),
        ask("random forest on pixels", log_odds(trees, pixels(test[0]))),
        ask("logistic regression on SqueezeNet features", regression),
        ask("cells_cnn, mean over eight ways to turn each cell", averaged) | {"role": "ours"},
        ask("cells_cnn, mean with the regression on SqueezeNet features", both) | {"role": "ours"},
    ]


def regression_of_all_patients() -> Any:
    """On means after four blocks, fitted on train and validation; its penalty by the AUC of patients left out."""
    arrays = cells_choice.everyone()
    seen, classes = _second_opinion.features(arrays[0]), len(crc_cells.CLASSES)

    def left_out(penalty: float) -> float:
        found_BC = _second_opinion.opinions(seen, arrays, classes, penalty=penalty)
        return metrics_of_logits(found_BC.clamp(min=1e-9).log(), arrays[1], crc_cells.CLASSES)["auc"]

    best = max((1e-3, 3e-3, 1e-2, 3e-2), key=left_out)
    return _second_opinion.regression(best).fit(
        seen.numpy(), arrays[1].numpy(), logisticregression__sample_weight=arrays[3].numpy()
    )


def mole_peers() -> list[Facts]:
    """Regression on ImageNet features, each fold answered by the fit that never saw it."""
    x_B3HW, label_B = ph2.pictures()
    seen = features(x_B3HW, side=ph2.SIDE)
    fold_B, answers = ph2.folds(label_B), torch.zeros(len(label_B), len(ph2.CLASSES))
    for fold in range(ph2.FOLDS):
        train, valid, test = (i for _, _, i in ph2.splits(fold))
        fitting, choosing = ((x_B3HW[i], label_B[i]) for i in (train, valid))
        best = chosen_logistic(fitting, choosing, seen[train], seen[valid], ph2.CLASSES)
        answers[test] = log_odds(best, seen[test])
        assert (fold_B[test] == fold).all()
    return [mole_peer("logistic regression on SqueezeNet features, five folds", answers, label_B)]


def features(x_B3HW: Tensor, *, side: int = 112) -> np.ndarray:
    """SqueezeNet's published ImageNet features, `(B, 512)`: the mean over all places, pictures scaled to `side`."""
    net = _imagenet_net()
    found = []
    for part in x_B3HW.split(64):
        large = F.interpolate(to_unit(part), (side, side), mode="bilinear", align_corners=False)
        with torch.no_grad():
            found.append(net.trunk((large - net.mean) / net.deviation).mean((2, 3)))
    return torch.cat(found).numpy()


def _imagenet_net() -> Backbone:
    with torch.random.fork_rng():
        net = Backbone(name="squeezenet1_0", classes=2)
    net.adopt(imagenet.weights("squeezenet1_0"))
    return net.eval()


def pixels(x_B3HW: Tensor) -> np.ndarray:
    return to_unit(x_B3HW).flatten(1).numpy()


def forest() -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(400, class_weight="balanced", min_samples_leaf=2, random_state=0)


def logistic(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=c, class_weight="balanced", max_iter=3000))


def log_odds(model: Any, x: np.ndarray) -> Tensor:
    return torch.from_numpy(np.log(np.clip(model.predict_proba(x), 1e-9, 1))).float()


def chosen_logistic(
    train: Arrays, valid: Arrays, x_train: np.ndarray, x_valid: np.ndarray, classes: Sequence[str]
) -> Any:
    """The regularisation that does best on validation."""
    found = [logistic(c).fit(x_train, train[1].numpy()) for c in (1e-4, 1e-3, 1e-2, 1e-1)]
    return max(found, key=lambda m: metrics_of_logits(log_odds(m, x_valid), valid[1], classes)["macro_f1"])


def table(kept: Facts) -> str:
    return markdown(COLUMNS, cell_rows(kept) + mole_rows(kept))


def cell_rows(kept: Facts) -> list[list[str]]:
    data = "colon cells, 12 patients"
    ours = [card_line("cells_cnn", data)] if "cells_cnn" in trained() else []
    return [*ours, *(peer_line(p, data) for p in kept.get("cells", []))] if ours else []


def mole_rows(kept: Facts) -> list[list[str]]:
    return [peer_line(p, "moles, all 200") for p in kept.get("moles", [])]


def claims(kept: Facts) -> Iterator[Claim]:
    """PROTOCOLS 2."""
    cells = _checkpoint.card("cells_cnn").metrics
    yield claim("cells_cnn, test: macro-F1", cells["macro_f1"], "≥", 0.68)
    yield claim("cells_cnn, test: AUC", cells["auc"], "≥", 0.91)


def notes(kept: Facts) -> Iterator[str]:
    yield from map(melanoma_note, kept.get("moles", []))
