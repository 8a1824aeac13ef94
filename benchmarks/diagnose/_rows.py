"""How well answers fit the labels, as a row of the table."""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.diagnose._nets import Facts
from metrics.detection import auc
from metrics.intervals import Interval, bootstrap
from models import _checkpoint
from training.data import ph2
from training.tasks.classification import bootstrap_intervals, metrics_of_logits

COLUMNS = ["what", "data", "macro-F1 (95 % interval)", "AUC", "accuracy"]


def peer(name: str, logit_BC: Tensor, label_B: Tensor, unit_B: Tensor, classes: Sequence[str]) -> Facts:
    """What `training/_table.py` reads of a method, its intervals over patients or pictures (`unit_B`)."""
    interval = bootstrap_intervals(logit_BC, label_B, unit_B, classes)
    return {
        "name": name,
        "metrics": metrics_of_logits(logit_BC, label_B, classes),
        "interval": interval["macro_f1"]._asdict(),
        "intervals": {key: value._asdict() for key, value in interval.items()},
        "parameters": None,
        "seconds": None,
    }


def mole_peer(name: str, logit_BC: Tensor, label_B: Tensor) -> Facts:
    """`peer` on all of the moles, each a unit of its own, with the AUC of melanoma against nevi."""
    found = peer(name, logit_BC, label_B, torch.arange(len(label_B)), ph2.CLASSES)
    area = melanoma(logit_BC, label_B)._asdict() | {"value": melanoma_auc(logit_BC, label_B)}
    return found | {"n": len(label_B), "melanoma_auc": area}


def melanoma_auc(logit_BC: Tensor, label_B: Tensor) -> float:
    return auc(logit_BC.double().softmax(1)[:, ph2.MELANOMA], label_B == ph2.MELANOMA)


def melanoma(logit_BC: Tensor, label_B: Tensor) -> Interval:
    """The interval of melanoma's AUC, over pictures."""
    members = list(range(len(label_B)))
    return bootstrap(members, lambda drawn: melanoma_auc(logit_BC[drawn], label_B[drawn]), rounds=500)


def melanoma_note(found: Facts) -> str:
    area = found["melanoma_auc"]
    return f"{found['name']}: melanoma against nevi AUC {area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f})"


def line(name: str, data: str, metrics: Facts, interval: dict[str, float] | None) -> list[str]:
    """The cells under `COLUMNS`."""
    span = f" ({interval['low']:.3f} to {interval['high']:.3f}, n = {interval['n']})" if interval else ""
    return [name, data, f"{metrics['macro_f1']:.3f}{span}", f"{metrics['auc']:.3f}", f"{metrics['accuracy']:.3f}"]


def card_line(name: str, data: str) -> list[str]:
    """The same of a checkpoint, from its card."""
    card = _checkpoint.card(name)
    return line(name, data, card.metrics, card.intervals["macro_f1"])


def peer_line(found: Facts, data: str) -> list[str]:
    return line(found["name"], data, found["metrics"], found["interval"])
