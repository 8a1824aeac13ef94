"""What every recipe that names CIFAR-10's pictures shares: two ways to take a step, the measures, and the evidence.

The arrays are `(x_B3HW uint8, label_B)`.
"""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from compression import cuts
from compression.lowrank import Factorisation
from explanation.novelty import energy
from metrics.classification import accuracy, calibration_error, confusion, macro_f1, reliability
from metrics.intervals import Interval, wilson
from signals.image import shift_by, to_unit
from training import _near_duplicates
from training._augment import coin_flipped, cropped
from training._recipe import Arrays, Metrics, Optimizers, Splits, accuracy_on
from training._steps import fast, update
from training.tasks.classification import temperature

ACCURACY = accuracy_on("pictures (JPEG-compressed copy)", classes=10)
FLIPPED = "flipped_I"
"""The buffer in which a net that learns by `alternating_step` keeps which training pictures it meets mirrored next."""
MET = 5_000
"""Training pictures, about, by which a net's own constants are measured."""
CALIBRATION = 2_048
"""Training pictures, at most, by which the net's cuts take care."""
SHIFT, SHIFTED = 8, 1_000
"""By how many pixels, and how many of the test pictures, are shifted to see whether the answer stays."""


def step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    shift: int = 0,
    flips: bool = False,
    smoothing: float = 0.0,
    mixup: float = 0.0,
) -> dict[str, Tensor]:
    """One update on the `cross_entropy` of pictures shifted by up to `shift` pixels and, if so, mirrored by a coin.

    `smoothing` is what the labels leave to the other classes (Szegedy et al. 2016). With `mixup` each picture is laid
    over another of the batch, and so are their labels; the share is drawn from Beta(mixup, mixup) (Zhang et al. 2018).
    """
    x_B, label_B = batch[:2]
    x_B = cropped(x_B, generator, shift=shift) if shift else x_B
    x_BCHW = _laid_out(coin_flipped(x_B, generator) if flips else x_B)
    if not mixup:
        return _learn(model, x_BCHW, label_B, optimizers, smoothing)
    share = _beta(mixup, generator)
    other_B = torch.randperm(len(x_BCHW), generator=generator, device=x_BCHW.device)
    mixed_BCHW = torch.lerp(x_BCHW[other_B], x_BCHW, share)
    return _learn(model, mixed_BCHW, label_B, optimizers, smoothing, other=(label_B[other_B], share))


def alternating_step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    shift: int = 2,
    smoothing: float = 0.2,
) -> dict[str, Tensor]:
    """`step` on pictures that are mirrored every other time that they are met (Jordan 2024), not by a coin.

    The arrays have each picture's place `index_B` behind, and the net the buffer that `get_ready` gives it.
    """
    x_B, label_B, index_B = batch
    flipped_I = model.get_buffer(FLIPPED)
    is_flipped_B = flipped_I[index_B]
    flipped_I[index_B] = ~is_flipped_B
    x_B = torch.where(is_flipped_B[:, None, None, None], x_B.flip(3), x_B)
    return _learn(model, _laid_out(cropped(x_B, generator, shift=shift)), label_B, optimizers, smoothing)


def _laid_out(x_BCHW: Tensor) -> Tensor:
    return to_unit(x_BCHW).contiguous(memory_format=torch.channels_last)


def _beta(shape: float, generator: torch.Generator) -> float:
    """A number from Beta(shape, shape), for a shape up to 1, by Jöhnk's way (1964): the share of two powers."""
    while True:
        first, second = torch.rand(2, generator=generator, device=generator.device).pow(1 / shape).tolist()
        if 0 < first + second <= 1:
            return first / (first + second)


def _learn(
    model: nn.Module,
    x_BCHW: Tensor,
    label_B: Tensor,
    optimizers: Optimizers,
    smoothing: float,
    *,
    other: tuple[Tensor, float] | None = None,
) -> dict[str, Tensor]:
    with torch.enable_grad():
        logit_BC = fast(model, x_BCHW)
        loss = F.cross_entropy(logit_BC, label_B, label_smoothing=smoothing)
        if other is not None:
            loss = torch.lerp(F.cross_entropy(logit_BC, other[0], label_smoothing=smoothing), loss, other[1])
        update(optimizers["model"], loss)
    return {"cross_entropy": loss.detach()}


def meet(model: Any, splits: Splits) -> None:
    """Show the net training pictures, so that it knows their mean, deviation and what else it measures, in place."""
    x_B = splits.train[0]
    model.meet(to_unit(x_B[:: max(1, len(x_B) // MET)]))


def get_ready(model: Any, splits: Splits) -> None:
    """`meet`, and of each training picture by a coin whether it is met mirrored first: `alternating_step` needs it."""
    meet(model, splits)
    n = 1 + max(int(arrays[2].max()) for arrays in splits)
    model.register_buffer(FLIPPED, torch.rand(n, device=splits.train[0].device) < 0.5)


@torch.no_grad()
def predict_logits(model: nn.Module, x_B: Tensor, *, flips: bool = False) -> Tensor:
    """Logits `(B, C)` of 8-bit pictures; with `flips` the mean with their mirror image's."""
    asked = [to_unit(part).contiguous(memory_format=torch.channels_last) for part in x_B.split(500)]
    plain = torch.cat([model(x_BCHW).float() for x_BCHW in asked])
    if not flips:
        return plain
    return (plain + torch.cat([model(x_BCHW.flip(3)).float() for x_BCHW in asked])) / 2


def evaluate(model: nn.Module, split: Arrays) -> Metrics:
    """Accuracy, overall and of each class's pictures, macro-F1, cross-entropy in nats, calibration error in ten bins.

    `accuracy_flips` is by the mean with each picture's mirror image: another, dearer way to ask, quoted apart.
    """
    x_B, label_B = split[:2]
    logit_BC, both_BC = predict_logits(model, x_B), predict_logits(model, x_B, flips=True)
    confidence_B, predicted_B = logit_BC.softmax(1).max(1)
    counts_CC = confusion(predicted_B, label_B, logit_BC.shape[1])
    return {
        "accuracy": accuracy(predicted_B, label_B),
        "accuracy_flips": accuracy(both_BC.argmax(1), label_B),
        "macro_f1": macro_f1(counts_CC),
        "cross_entropy": F.cross_entropy(logit_BC, label_B).item(),
        "calibration_error": calibration_error(reliability(confidence_B, predicted_B == label_B)),
    }


def intervals(model: nn.Module, split: Arrays) -> dict[str, Interval]:
    """Of both accuracies, each picture by itself (Wilson 1927)."""
    found, n = evaluate(model, split), len(split[0])
    return {key: wilson(found[key], n) for key in ("accuracy", "accuracy_flips")}


def answers(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """The least of `evidence`, on test: `predicted` `(B,)` uint8, `confusion` `(C, C)`, and `right` `(C,)`.

    `right` is the share of each class's pictures that is named so.
    """
    x_B, label_B = splits.test[:2]
    predicted_B = predict_logits(model, x_B).argmax(1)
    counts_CC = confusion(predicted_B, label_B, 10)
    right_C = counts_CC.diag() / counts_CC.sum(1).clamp(min=1)
    return {"predicted": predicted_B.byte(), "confusion": counts_CC, "right": right_C}


def evidence(
    model: Any, splits: Splits, *, twins: bool = False, shares: Mapping[str, float] | None = None
) -> dict[str, Tensor]:
    """What a tab shows of the test set when it is not there, and what it needs to read a new picture honestly.

    `answers`; of every test picture calibrated `p` `(B, C)` in half precision, `label` `(B,)` uint8, and what it is
    called together with its mirror image, `predicted_flips` `(B,)` uint8; `temperature` `()`, fitted on validation;
    `reliability` `(10, 3)`; `shifted` `(1 + 2 SHIFT,)`: the share of the first `SHIFTED` that is named rightly when
    they are shifted sideways by −`SHIFT` to `SHIFT` pixels; and `energies` `(101,)`. With `twins` also
    `twin_ratio` and `twin_nearest` `(B,)`, `twin` `(B,)` bool and `twin_threshold` `()` (see `_near_duplicates`):
    the nearest is counted in the official training set, of which validation is the end. With `shares` also the net's
    cuts to these shares of its bytes (`compression.cuts`), which training pictures that may not ship took care of.
    """
    x_B, label_B = splits.test[:2]
    plain_BC, both_BC = predict_logits(model, x_B), predict_logits(model, x_B, flips=True)
    degree = temperature(predict_logits(model, splits.valid[0]), splits.valid[1])
    p_BC = (plain_BC / degree).softmax(1)
    confidence_B, predicted_B = p_BC.max(1)
    found = answers(model, splits) | {
        "temperature": torch.tensor(degree),
        "p": p_BC.half(),
        "predicted_flips": both_BC.argmax(1).byte(),
        "label": label_B.byte(),
        "reliability": reliability(confidence_B, predicted_B == label_B),
        "shifted": right_when_shifted(model, x_B[:SHIFTED], label_B[:SHIFTED]),
        "energies": energies(model, splits.valid[0]),
    }
    found |= cuts.packed(Factorisation(model, calibration(splits)), shares) if shares else {}
    return found | (twins_of(model, splits) if twins else {})


def calibration(splits: Splits) -> Tensor:
    """2,048 training pictures `(B, 3, 32, 32)` at most, evenly from the whole, in [0, 1]."""
    x_B = splits.train[0]
    return to_unit(x_B[:: -(-len(x_B) // CALIBRATION)])


def right_when_shifted(model: nn.Module, x_B: Tensor, label_B: Tensor) -> Tensor:
    """`(1 + 2 SHIFT,)`: the share named rightly when pictures lie −`SHIFT` to `SHIFT` pixels to the right."""
    shares = []
    for by in range(-SHIFT, SHIFT + 1):
        shares.append(accuracy(predict_logits(model, shift_by(x_B, by, 0)).argmax(1), label_B))
    return torch.tensor(shares)


def energies(model: nn.Module, x_B: Tensor) -> Tensor:
    """`(101,)`: each per cent's quantile of `energy` over pictures, from the most at home to the least."""
    return energy(predict_logits(model, x_B)).quantile(torch.linspace(0, 1, 101))


def twins_of(model: Any, splits: Splits) -> dict[str, Tensor]:
    """The near-duplicates as `evidence` keeps them, by the middle one of the net's layers."""
    layer = model.layers()[len(model.layers()) // 2]
    home_B, home_label_B = (torch.cat([splits.train[i], splits.valid[i]]) for i in (0, 1))
    found = _near_duplicates.twins(
        _near_duplicates.signatures(model, layer, home_B),
        home_label_B,
        _near_duplicates.signatures(model, layer, splits.test[0]),
        splits.test[1],
    )
    return {
        "twin_ratio": found.ratio_B.half(),
        "twin_nearest": found.nearest_B.int(),
        "twin": found.is_twin_B,
        "twin_threshold": torch.tensor(found.threshold),
    }
