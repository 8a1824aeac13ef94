"""What every recipe that names digits shares: three ways to take a step, the measures, and the evidence.

The arrays are `(x_B1HW uint8, label_B)`.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explanation.novelty import SubspaceNovelty
from explanation.projection import layer_outputs, pca, tsne
from metrics.classification import accuracy, calibration_error, confusion, macro_f1, reliability
from metrics.intervals import Interval, wilson
from signals.image import to_unit
from training._recipe import Arrays, Metrics, Optimizers, Splits, accuracy_on
from training._steps import fast, update

ACCURACY = accuracy_on("digits", classes=10)
LAYERS = [*(f"blocks.{i}" for i in range(5)), "head"]
"""The perceptron's modules whose outputs the tab draws, behind the input itself."""
POINTS_PER_DIGIT = 100
SHOWN_PER_DIGIT = 6
LAST_HIDDEN = "blocks.4"
"""Where it is told whether a picture looks like a digit at all."""
REMEMBERED = 20_000
"""Training digits by which that is told."""
FAMILIAR_SHARE = 0.97
"""Of the validation digits, how many may pass for one: a few more of test fail than of these."""


def step(model: nn.Module, batch: Arrays, optimizers: Optimizers, generator: torch.Generator) -> dict[str, Tensor]:
    """One update on the `cross_entropy` of pictures and their labels."""
    x_B, label_B = batch
    with torch.enable_grad():
        loss = F.cross_entropy(fast(model, to_unit(x_B)), label_B)
        update(optimizers["model"], loss)
    return {"cross_entropy": loss}


def adversarial_step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    radius: float = 2.0,
    probe: float = 0.1,
    weight: float = 1.0,
) -> dict[str, Tensor]:
    """Cross-entropy plus virtual adversarial training (Miyato et al. 2018, algorithm 1, one power iteration).

    The net must answer alike at x and at x + r, where r, of L2 length `radius` in units of [0, 1] pixels, points where
    its answer changes fastest: found from a random direction `probe` long, by one gradient.
    """
    x_B, label_B = batch
    x_BX = to_unit(x_B).flatten(1)
    with torch.enable_grad():
        answer_BC = fast(model, x_BX)
        cross_entropy = F.cross_entropy(answer_BC, label_B)
        target_BC = answer_BC.detach().softmax(1)
        start_BX = torch.empty_like(x_BX).normal_(generator=generator)
        direction_BX = F.normalize(start_BX).requires_grad_()
        (steepest_BX,) = torch.autograd.grad(
            _divergence(target_BC, fast(model, x_BX + probe * direction_BX)), direction_BX
        )
        smoothness = _divergence(target_BC, fast(model, x_BX + radius * F.normalize(steepest_BX)))
        update(optimizers["model"], cross_entropy + weight * smoothness)
    return {"cross_entropy": cross_entropy, "smoothness": smoothness}


def distillation_step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    teacher: Callable[[torch.device], nn.Module],
    temperature: float = 2.0,
    noise: float = 0.3,
    weight: float = 0.2,
) -> dict[str, Tensor]:
    """One update towards a teacher's softened answers (Hinton et al. 2015), and by `weight` towards the labels.

    Teacher and student see the pictures under the same Gaussian noise, in [0, 1] pixels and of a deviation drawn up to
    `noise` for each: what the teacher answers between the pictures is worth learning too. The labels go with the clean
    pictures.
    """
    x_B, label_B = batch
    x_BX = to_unit(x_B).flatten(1)
    deviation_B1 = noise * torch.rand(len(x_BX), 1, generator=generator, device=x_BX.device)
    noisy_BX = x_BX + deviation_B1 * torch.empty_like(x_BX).normal_(generator=generator)
    with torch.no_grad():
        target_BC = (fast(teacher(x_BX.device), noisy_BX.view(x_B.shape)) / temperature).softmax(1)
    with torch.enable_grad():
        softened_BC = fast(model, noisy_BX.view(x_B.shape)) / temperature
        distillation = temperature**2 * _divergence(target_BC, softened_BC)
        cross_entropy = F.cross_entropy(fast(model, x_BX.view(x_B.shape)), label_B)
        update(optimizers["model"], distillation + weight * cross_entropy)
    return {"distillation": distillation, "cross_entropy": cross_entropy}


def _divergence(target_BC: Tensor, answer_BC: Tensor) -> Tensor:
    """KL(target ‖ answer), the mean over the batch, in nats."""
    return F.kl_div(answer_BC.log_softmax(1), target_BC, reduction="batchmean")


@torch.no_grad()
def probabilities(model: nn.Module, x_B: Tensor) -> Tensor:
    """Class probabilities `(B, 10)` of 8-bit pictures."""
    return torch.cat([model(to_unit(part)).softmax(1) for part in x_B.split(1000)])


def evaluate(model: nn.Module, split: Arrays) -> Metrics:
    """Accuracy, macro-F1, cross-entropy in nats, and the expected calibration error in ten bins."""
    x_B, label_B = split
    p_BC = probabilities(model, x_B)
    confidence_B, predicted_B = p_BC.max(1)
    right_B = predicted_B == label_B
    return {
        "accuracy": accuracy(predicted_B, label_B),
        "macro_f1": macro_f1(confusion(predicted_B, label_B, 10)),
        "cross_entropy": -p_BC[torch.arange(len(label_B)), label_B].clamp(min=1e-12).log().mean().item(),
        "calibration_error": calibration_error(reliability(confidence_B, right_B)),
    }


def intervals(model: nn.Module, split: Arrays) -> dict[str, Interval]:
    """Of the accuracy, each digit by itself (Wilson 1927)."""
    x_B, label_B = split
    return {"accuracy": wilson(accuracy(probabilities(model, x_B).argmax(1), label_B), len(label_B))}


def evidence(model: Any, splits: Splits, *, maps: bool = False) -> dict[str, Tensor]:
    """What tabs show of the test set: `confusion` `(10, 10)` and `reliability` `(10, 3)`.

    With `maps` also the surest and the most wrong answers with their pictures, where the digits lie at each of the
    layers `LAYERS`, and by what a picture is told that is no digit.
    """
    x_B, label_B = splits.test
    confidence_B, predicted_B = probabilities(model, x_B).max(1)
    found = {
        "confusion": confusion(predicted_B, label_B, 10),
        "reliability": reliability(confidence_B, predicted_B == label_B),
    }
    if maps:
        shown = extremes(confidence_B, predicted_B, label_B)
        pictures = {f"{name}_picture": x_B[shown[f"{name}_index"], 0] for name in ("surest", "wrong")}
        found |= shown | pictures | layer_maps(model, splits.test) | familiarity(model, splits).tensors()
    return found


def familiarity(model: nn.Module, splits: Splits) -> SubspaceNovelty:
    """What digits look like in the last hidden layer: from training digits, with the threshold from validation."""
    x_B = splits.train[0]
    index = torch.randperm(len(x_B), generator=torch.Generator().manual_seed(0))[:REMEMBERED]
    train_ND, valid_ND = (_last_hidden(model, part) for part in (x_B[index.to(x_B.device)], splits.valid[0]))
    return SubspaceNovelty.of(train_ND, valid_ND, passing=FAMILIAR_SHARE)


def _last_hidden(model: nn.Module, x_B: Tensor) -> Tensor:
    return torch.cat([layer_outputs(model, to_unit(part), [LAST_HIDDEN])[0] for part in x_B.split(1000)])


def extremes(confidence_B: Tensor, predicted_B: Tensor, label_B: Tensor) -> dict[str, Tensor]:
    """For each digit the surest right answers and the surest wrong ones, `(10, 6)`; index −1 where there are fewer."""
    found = {}
    for name, chosen_B in {"surest": predicted_B == label_B, "wrong": predicted_B != label_B}.items():
        index = torch.full((10, SHOWN_PER_DIGIT), -1)
        for digit in range(10):
            candidates = (chosen_B & (label_B == digit)).nonzero().flatten()
            order = confidence_B[candidates].argsort(descending=True, stable=True)[:SHOWN_PER_DIGIT]
            index[digit, : len(order)] = candidates[order]
        found |= {
            f"{name}_index": index,
            f"{name}_confidence": confidence_B[index],
            f"{name}_predicted": predicted_B[index],
        }
    return found


def layer_maps(model: nn.Module, test: Arrays, *, with_tsne: bool = True) -> dict[str, Tensor]:
    """The first hundred test digits of each class at every layer, and the planes that place a new digit among them.

    `map_index` and `map_class` `(N,)`; `pca` and `tsne` `(1 + layers, N, 2)`, the input first; and of each of these
    the plane's `plane_0_mean` `(D,)` and `plane_0_axes` `(D, 2)`.
    """
    x_B, label_B = test
    index_N = torch.cat([(label_B == digit).nonzero().flatten()[:POINTS_PER_DIGIT] for digit in range(10)])
    x_NX = to_unit(x_B[index_N])
    layers = [x_NX.flatten(1), *layer_outputs(model, x_NX, LAYERS)]
    planes = [pca(layer) for layer in layers]
    found = {
        "map_index": index_N,
        "map_class": label_B[index_N],
        "pca": torch.stack([plane.place(layer) for plane, layer in zip(planes, layers, strict=True)]),
    }
    for i, plane in enumerate(planes):
        found |= {f"plane_{i}_mean": plane.mean_D.half().float(), f"plane_{i}_axes": plane.axes_D2.clone()}
    if with_tsne:
        found["tsne"] = torch.stack([tsne(layer) for layer in layers])
    return found
