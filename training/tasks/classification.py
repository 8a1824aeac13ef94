"""What every recipe that names what is in a picture shares: the weighted step, the measures, and the evidence.

The arrays are `(x_BCHW uint8, label_B, unit_B, weight_B)`: `unit_B` numbers whatever is independent (a patient, a
picture), `weight_B` is what a mistake on this picture costs.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explanation.novelty import KnnNovelty
from metrics.classification import accuracy, confusion, f1, macro_f1, reliability
from metrics.detection import macro_auc
from metrics.intervals import Interval, by_unit
from signals.image import to_unit
from training._recipe import Arrays, Metrics, Optimizers, Splits
from training._steps import fast, update

Augment = Callable[[Tensor, torch.Generator], Tensor]


def with_class_weights(data: Callable[[], Splits], *, power: float = 1.0) -> Callable[[], Splits]:
    """The same splits with `weight_B`: a class that is n times rarer in training weighs n ** `power` times as much.

    The mean weight of a training picture is 1.
    """

    def weigh() -> Splits:
        """Each split of `data` with `weight_B` behind."""
        splits = data()
        count_C = splits.train[1].bincount().double().clamp(min=1)
        share_C = count_C.sum() / count_C
        weight_C = share_C**power
        weight_C = weight_C / weight_C[splits.train[1]].mean()
        return Splits(*((*arrays, weight_C.float()[arrays[1]]) for arrays in splits))

    return weigh


def step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    augment: Augment,
    smoothing: float = 0.05,
    opinion: float = 0.0,
) -> dict[str, Tensor]:
    """One update on the weighted `cross_entropy` of augmented pictures, labels smoothed (Szegedy et al. 2016).

    The loss that is told is divided by the batch's mean weight: one with few of a rare class reads like the others.
    `opinion` is how much of the label's say a second opinion has (see `_second_opinion`, whose `index_B` is then the
    batch's fifth array).
    """
    x_B, label_B, _, weight_B, *index = batch
    x_BCX = augment(to_unit(x_B), generator)
    x_BCX = x_BCX.contiguous(memory_format=torch.channels_last if x_BCX.ndim == 4 else torch.channels_last_3d)
    with torch.enable_grad():
        logit_BC = fast(model, x_BCX)
        loss_B = weight_B * F.cross_entropy(logit_BC, label_B, reduction="none", label_smoothing=smoothing)
        if opinion:
            told_BC = model.get_buffer("opinion_IC")[index[0]]
            loss_B = torch.lerp(loss_B, F.cross_entropy(logit_BC, told_BC, reduction="none"), opinion)
        loss = loss_B.mean()
        update(optimizers["model"], loss)
    return {"cross_entropy": loss.detach() / weight_B.mean()}


@torch.no_grad()
def predict_logits(model: nn.Module, x_B: Tensor, *, batch: int = 128) -> Tensor:
    """Logits `(B, C)` of 8-bit pictures."""
    return torch.cat([model(to_unit(part)).float() for part in x_B.split(batch)])


def metrics_of_logits(logit_BC: Tensor, label_B: Tensor, classes: Sequence[str]) -> Metrics:
    """Macro-F1, accuracy, AUC (one against the rest, mean over classes), and F1 class by class."""
    predicted_B = logit_BC.argmax(1)
    counts_CC = confusion(predicted_B, label_B, len(classes))
    return {
        "macro_f1": macro_f1(counts_CC),
        "accuracy": accuracy(predicted_B, label_B),
        "auc": macro_auc(logit_BC.double().softmax(1), label_B),
        **{f"f1_{name}": value for name, value in zip(classes, f1(counts_CC).tolist(), strict=True)},
    }


def evaluate(model: nn.Module, split: Arrays, *, classes: Sequence[str]) -> Metrics:
    """`metrics_of_logits` of a model on a split."""
    return metrics_of_logits(predict_logits(model, split[0]), split[1], classes)


def intervals(model: nn.Module, split: Arrays, *, classes: Sequence[str]) -> dict[str, Interval]:
    """95 % intervals of macro-F1, accuracy and AUC when units (patients, or pictures) are drawn again."""
    return bootstrap_intervals(predict_logits(model, split[0]), split[1], split[2], classes)


def bootstrap_intervals(
    logit_BC: Tensor, label_B: Tensor, unit_B: Tensor, classes: Sequence[str]
) -> dict[str, Interval]:
    """The bootstrap behind `intervals`."""
    found = by_unit(unit_B, lambda index: metrics_of_logits(logit_BC[index], label_B[index], classes), rounds=500)
    return {name: found[name] for name in ("macro_f1", "accuracy", "auc")}


def temperature(logit_BC: Tensor, label_B: Tensor) -> float:
    """What to divide logits by so that they mean what they say, fitted on validation (Guo et al. 2017), 0.05 to 20."""
    log = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log], max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(logit_BC.double() / log.exp(), label_B)
        loss.backward()
        return loss

    with torch.enable_grad():
        optimizer.step(closure)
    return log.detach().exp().clamp(0.05, 20).item()


def evidence(
    model: nn.Module, splits: Splits, *, classes: Sequence[str], layers: Callable[[Any], list[str]]
) -> dict[str, Tensor]:
    """What the tab shows of the test set when it is not there, and what it needs to read a new picture honestly.

    Of every test picture calibrated `p` `(B, C)`, `label`, `unit` and `test_novelty` `(B,)`; `confusion` `(C, C)`;
    `reliability` and `reliability_raw` (before calibration) `(10, 3)`; `temperature` `()`; counts of each class `(C,)`;
    and the tensors that the novelty detector is made of. Calibration is fitted on validation; what is familiar, and
    how far off is strange, on training and validation pictures, their units left out in turn.
    """
    valid_BC, test_BC = predict_logits(model, splits.valid[0]), predict_logits(model, splits.test[0])
    degree = temperature(valid_BC, splits.valid[1])
    p_BC = (test_BC / degree).softmax(1)
    confidence_B, predicted_B = p_BC.max(1)
    raw_B = test_BC.softmax(1).amax(1)
    right_B = predicted_B == splits.test[1]
    home_B, valid_units_B = torch.cat([splits.train[0], splits.valid[0]]), splits.valid[2] + splits.train[2].max() + 1
    familiar = KnnNovelty.leaving_out(model, layers(model), home_B, torch.cat([splits.train[2], valid_units_B]))
    return {
        "temperature": torch.tensor(degree),
        "confusion": confusion(predicted_B, splits.test[1], len(classes)),
        "reliability": reliability(confidence_B, right_B),
        "reliability_raw": reliability(raw_B, right_B),
        "p": p_BC,
        "label": splits.test[1],
        "unit": splits.test[2],
        "train_counts": splits.train[1].bincount(minlength=len(classes)),
        "test_novelty": familiar.distances(model, splits.test[0]),
        **familiar.tensors(),
    }
