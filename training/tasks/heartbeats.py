"""How a net that judges heartbeats is trained, measured and remembered, whatever it sees of a beat.

A split is `(*inputs, class_B, record_B)`. S, V and F are rare, so the loss is adjusted by the logarithm of each class's
share (Menon et al. 2021): nothing is drawn more often than it occurs. F1 is averaged over N, S and V; F is given beside
them, and Q, of which the test set has seven, is counted in the accuracy only.
"""

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from metrics.classification import against_rest, binary, confusion, f1
from metrics.intervals import Interval, by_unit
from models.ecg import probabilities
from signals.ecg import CLASSES, NORMAL
from training._recipe import Arrays, Metrics, Optimizers, Splits, macro_f1_over
from training._steps import update

AVERAGED = 3
"""The classes over which F1 is averaged: N, S and V."""
MACRO_F1 = macro_f1_over("kinds of beat", AVERAGED)
ROUNDS = 1000
QUOTED = ("macro_f1", "macro_f1_nsvf", "accuracy", "f1_N", "f1_S", "f1_V", "f1_F", "binary_accuracy", "binary_f1")
"""The measures that are given with an interval."""


def step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    prior: Callable[[], Tensor],
    strength: float = 1.0,
    lifted: str = "SVFQ",
    gain: float = 0.15,
    shift: int = 4,
    noise: float = 0.02,
) -> dict[str, Tensor]:
    """One update on the logit-adjusted cross-entropy of beats made louder or softer, moved and roughened a little.

    `prior` gives the logarithm of each class's share. `strength` 0 is plain cross-entropy, 1 the balanced error among N
    and the `lifted` classes; one that is not lifted is answered as seldom as it was met. Beats are multiplied by a gain
    with deviation `gain`, moved by up to `shift` samples (a detector's R is not the annotator's), and given white noise
    of deviation `noise`.
    """
    beat_BCT, *others, class_B, _ = batch
    device = beat_BCT.device
    by_B = torch.randint(-shift, shift + 1, (len(class_B),), generator=generator, device=device)
    loud_B11 = 1 + gain * torch.randn(len(class_B), 1, 1, generator=generator, device=device)
    moved_BCT = _moved(beat_BCT.float(), by_B)
    rough_BCT = moved_BCT * loud_B11 + noise * torch.empty_like(moved_BCT).normal_(generator=generator)
    with torch.enable_grad():
        logits_BC = model(rough_BCT, *others) + _adjustment(prior, strength, lifted).to(device)
        loss = F.cross_entropy(logits_BC, class_B)
        update(optimizers["model"], loss)
    return {"cross_entropy": loss}


@cache
def _adjustment(prior: Callable[[], Tensor], strength: float, lifted: str) -> Tensor:
    """What is added to the logits in training `(C,)`."""
    return torch.tensor([strength * (name in "N" + lifted) for name in CLASSES]) * prior()


def _moved(x_BCT: Tensor, by_B: Tensor) -> Tensor:
    """Each beat moved by its own number of samples; at the ends it keeps its last value."""
    t = x_BCT.shape[2]
    index_BT = (torch.arange(t, device=x_BCT.device) - by_B[:, None]).clamp(0, t - 1)
    return x_BCT.gather(2, index_BT[:, None].expand(-1, x_BCT.shape[1], -1))


def metrics_of_confusion(confusion_CC: Tensor) -> Metrics:
    """Every number on a card, from the counts alone; `binary_`: everything abnormal, as the finding, against normal."""
    n = confusion_CC.double()
    hits, asked, answered, f1_C = n.diag(), n.sum(1), n.sum(0), f1(confusion_CC)
    found = {"accuracy": hits.sum() / n.sum(), "macro_f1": f1_C[:AVERAGED].mean(), "macro_f1_nsvf": f1_C[:4].mean()}
    for k, name in enumerate(CLASSES[:4]):
        found |= {
            f"f1_{name}": f1_C[k],
            f"precision_{name}": hits[k] / answered[k].clamp(min=1),
            f"recall_{name}": hits[k] / asked[k].clamp(min=1),
        }
    abnormal = {f"binary_{name}": value for name, value in binary(against_rest(confusion_CC, NORMAL)).items()}
    return {key: value.item() for key, value in found.items()} | abnormal


def evaluate(model: nn.Module, split: Arrays) -> Metrics:
    """See `metrics_of_confusion`."""
    *inputs, class_B, _ = split
    return metrics_of_confusion(confusion(probabilities(model, *inputs).argmax(1), class_B, len(CLASSES)))


def intervals(model: nn.Module, split: Arrays) -> dict[str, Interval]:
    """The quoted measures' intervals, by drawing whole records again: beats of one heart are not independent."""
    *inputs, class_B, record_B = split
    return bootstrap_intervals(probabilities(model, *inputs).argmax(1), class_B, record_B)


def bootstrap_intervals(
    answer_B: Tensor, class_B: Tensor, record_B: Tensor, *, rounds: int = ROUNDS
) -> dict[str, Interval]:
    """The same from the answers."""

    def statistic(index: Tensor) -> Metrics:
        return metrics_of_confusion(confusion(answer_B[index], class_B[index], len(CLASSES)))

    found = by_unit(record_B, statistic, rounds=rounds)
    return {name: found[name] for name in QUOTED}


def evidence(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """Each test beat's probabilities (half precision), class and record, and the confusion counts."""
    *inputs, class_B, record_B = splits.test
    p_BC = probabilities(model, *inputs)
    return {
        "probability": p_BC.half(),
        "class": class_B.to(torch.uint8),
        "record": record_B.to(torch.uint8),
        "confusion": confusion(p_BC.argmax(1), class_B, len(CLASSES)),
    }
