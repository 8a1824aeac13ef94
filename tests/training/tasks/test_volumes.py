"""Volumes: what a step, a probability and the evidence are, on boxes whose labels can be seen."""

from functools import partial

import pytest
import torch
from torch import Tensor

from models.volume import VolumeNet
from signals.volume import rotate
from training import Arrays, Budget, Splits
from training._steps import adamw
from training.tasks import volumes
from training.tasks.classification import with_class_weights

CLASSES = ("thin", "thick")


def boxes(n: int = 24) -> Splits:
    """Plates of 3 or 9 voxels in 16³, one in three thick, at places that differ."""
    draw = torch.Generator().manual_seed(0)
    label_B = (torch.arange(n) % 3 == 0).long()
    x_B1DHW = torch.zeros(n, 1, 16, 16, 16, dtype=torch.uint8)
    for x_1DHW, label in zip(x_B1DHW, label_B.tolist(), strict=True):
        at = int(torch.randint(0, 6, (), generator=draw))
        x_1DHW[0, at : at + 3 + 6 * label, 2:12, 3:13] = 255
    arrays: Arrays = (x_B1DHW, label_B, torch.arange(n))
    return with_class_weights(lambda: Splits(arrays, arrays, arrays))()


def net() -> VolumeNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VolumeNet(channels=(4, 8), edge=16, dropout=0.0)


def fitted(steps: int = 30) -> VolumeNet:
    model, splits = net(), boxes()
    optimizers = adamw()(model, Budget(steps=steps, batch_size=24, lr=1e-2))
    for group in optimizers["model"].param_groups:
        group["lr"] = 1e-2
    draw = torch.Generator().manual_seed(0)
    for _ in range(steps):
        volumes.step(model, splits.train, optimizers, draw)
    return model.eval()


def test_steps_learn_what_is_thick() -> None:
    splits = boxes()
    before, after = (volumes.evaluate(model, splits.test, classes=CLASSES) for model in (net().eval(), fitted()))
    assert after["auc"] > 0.95 and after["auc"] > before["auc"] - 1e-6
    assert set(after) == {"auc", "accuracy", "macro_f1", "f1_thin", "f1_thick"}
    interval = volumes.intervals(fitted(), splits.test, classes=CLASSES)["auc"]
    assert interval.low <= after["auc"] <= interval.high and interval.n == 24


def test_weights_are_undone() -> None:
    """A net that cannot tell classes apart says their shares, and the order within a class stays."""
    model, splits = net().eval(), boxes()
    before_BC = volumes.predict_logits(model, splits.test[0])
    volumes.undo_weights(model, splits)
    after_BC = volumes.predict_logits(model, splits.test[0])
    added_BC = after_BC - before_BC
    assert torch.allclose(added_BC.exp(), torch.tensor([2 / 3, 1 / 3]).expand(24, 2), atol=1e-5)


def test_metric_words() -> None:
    assert volumes.AUC.said(0.914) == "91 of 100 pairs of glands in the right order"


def test_evidence_of_masks() -> None:
    model, splits = fitted(), boxes()
    ask = partial(volumes.evidence, model, splits, classes=CLASSES, layers=VolumeNet.layers)
    plain, probed = ask(), ask(probes=True)
    assert plain["p"].shape == (24, 2) and "p_rotated" not in plain and plain.keys() < probed.keys()
    assert probed["p_rotated"].shape == (24, 24) and torch.allclose(probed["p_rotated"][:, 0], probed["p"][:, 1])
    turned = volumes.last_class(model, rotate(splits.test[0], 7), temperature=probed["temperature"])
    assert torch.allclose(probed["p_rotated"][:, 7], turned)
    assert probed["test_voxels"].tolist() == [900 if label else 300 for label in splits.test[1]]
    assert probed["same_size_voxels"] == 300 and probed["p_same_size"].shape == (24,)


def test_the_least_evidence_says_the_same() -> None:
    model, splits = fitted(), boxes()
    least, whole = (
        volumes.answers(model, splits),
        volumes.evidence(model, splits, classes=CLASSES, layers=VolumeNet.layers),
    )
    assert least.keys() == {"temperature", "p", "label"}
    assert all(torch.allclose(least[name], whole[name]) for name in least)


def test_one_size_is_one_size() -> None:
    x_B1DHW: Tensor = boxes().test[0]
    found_B1DHW = volumes.same_size_bytes(x_B1DHW, 300)
    assert found_B1DHW.unique().tolist() == [0, 255]
    assert volumes.sizes(found_B1DHW).tolist() == 24 * [pytest.approx(300, abs=2)]
