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
from models.ecg import BeatNet, probabilities
from signals.ecg import CLASSES, NORMAL
from signals.ecg_retimed import UNASKED
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits, macro_f1_over
from training._steps import update


def _points_for_v(value: float) -> str:
    return f"{100 * value:.0f} of 100 points for ventricular beats"


AVERAGED = 3
"""The classes over which F1 is averaged: N, S and V."""
MACRO_F1 = macro_f1_over("kinds of beat", AVERAGED)
F1_V = Metric(key="f1_V", title="F1 of V", words=_points_for_v, chance="calling all beats normal: 0")
"""Of ventricular ectopic beats: the harmonic mean of the share that is found and the share of alarms that is right."""
WARM = 8
"""Beats at the beginning of a run that are heard and not asked."""
ROUNDS = 1000
LEAST = 10
"""Beats of a class that a record must have to have an F1 of it."""
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


def step_in_runs(
    model: BeatNet,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    gain: float = 0.2,
    shift: int = 2,
    noise: float = 0.04,
) -> dict[str, Tensor]:
    """One update on the cross-entropy of runs of beats, every member's own, on beats roughened as `step` does.

    A run is made louder or softer as a whole and, where either way counts, turned over or not. Asked are the beats
    before which `WARM` were heard and after which one is; those of class −1 are not.
    """
    x_RLCT, rhythm_RLF, class_RL, _ = batch
    runs, beats, device = *class_RL.shape, x_RLCT.device
    by_B = torch.randint(-shift, shift + 1, (runs * beats,), generator=generator, device=device)
    moved_RLCT = _moved(x_RLCT.flatten(0, 1).float(), by_B).unflatten(0, (runs, beats))
    loud_R = 1 + gain * torch.randn(runs, generator=generator, device=device)
    if model.either_way:
        loud_R = loud_R * (2 * torch.randint(2, (runs,), generator=generator, device=device) - 1)
    rough_RLCT = moved_RLCT * loud_R[:, None, None, None]
    rough_RLCT += noise * torch.empty_like(rough_RLCT).normal_(generator=generator)
    asked_MRL = class_RL[:, WARM:-1].expand(model.members, -1, -1)
    with torch.enable_grad():
        logits_MRLC = model.each(model.embed(rough_RLCT, rhythm_RLF))[:, :, WARM:-1]
        loss = F.cross_entropy(logits_MRLC.flatten(0, 2), asked_MRL.flatten(), ignore_index=UNASKED)
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


def answers(model: nn.Module, split: Arrays) -> Tensor:
    """What `model` makes of a split's beats `(B, classes)`: each among those of its own record."""
    *inputs, _, record_B = split
    return probabilities(model, *inputs, record_B=record_B)


def evaluate(model: nn.Module, split: Arrays) -> Metrics:
    """See `metrics_of_confusion`."""
    return metrics_of_confusion(confusion(answers(model, split).argmax(1), split[-2], len(CLASSES)))


def intervals(model: nn.Module, split: Arrays) -> dict[str, Interval]:
    """The quoted measures' intervals, by drawing whole records again: beats of one heart are not independent."""
    *_, class_B, record_B = split
    return bootstrap_intervals(answers(model, split).argmax(1), class_B, record_B)


def bootstrap_intervals(
    answer_B: Tensor, class_B: Tensor, record_B: Tensor, *, rounds: int = ROUNDS
) -> dict[str, Interval]:
    """The same from the answers."""

    def statistic(index: Tensor) -> Metrics:
        return metrics_of_confusion(confusion(answer_B[index], class_B[index], len(CLASSES)))

    found = by_unit(record_B, statistic, rounds=rounds)
    return {name: found[name] for name in QUOTED}


def f1_over_records(answer_B: Tensor, class_B: Tensor, record_B: Tensor, k: int) -> Tensor:
    """The F1 of class `k` in each record that has `LEAST` such beats, sorted; NaN where there is no such record."""
    counts = [_counts(answer_B, class_B, record_B == record) for record in record_B.unique()]
    found = [f1(counts_CC)[k] for counts_CC in counts if counts_CC[k].sum() >= LEAST]
    return torch.stack(found).sort().values if found else torch.tensor([torch.nan])


def f1_without(answer_B: Tensor, class_B: Tensor, record_B: Tensor, k: int, record: int) -> float:
    """The F1 of class `k` over all records but one."""
    return f1(_counts(answer_B, class_B, record_B != record))[k].item()


def _counts(answer_B: Tensor, class_B: Tensor, asked_B: Tensor) -> Tensor:
    return confusion(answer_B[asked_B].long(), class_B[asked_B].long(), len(CLASSES))


def evidence(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """Each test beat's probabilities (half precision), class and record, and the confusion counts."""
    *_, class_B, record_B = splits.test
    p_BC = answers(model, splits.test)
    return {
        "probability": p_BC.half(),
        "class": class_B.to(torch.uint8),
        "record": record_B.to(torch.uint8),
        "confusion": confusion(p_BC.argmax(1), class_B, len(CLASSES)),
    }
