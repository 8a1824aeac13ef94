"""`mnist_mlp`: the five-layer perceptron on MNIST, made smooth by virtual adversarial training, no augmentation."""

from functools import partial

import torch
from torch import Tensor, nn

from explanation.projection import layer_outputs, pca, tsne
from metrics.classification import accuracy, calibration_error, confusion, macro_f1, reliability
from metrics.intervals import Interval, wilson
from models.mlp import MLP
from signals.image import to_unit
from training._recipe import ACCURACY, Arrays, Budget, Metrics, Recipe, Splits
from training._steps import adamw, virtual_adversarial
from training.data import mnist

LAYERS = [*(f"blocks.{i}" for i in range(5)), "head"]
"""The modules whose outputs the tab draws, behind the input itself."""
POINTS_PER_DIGIT = 100
SHOWN_PER_DIGIT = 6


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
    x_B, label_B = split
    return {"accuracy": wilson(accuracy(probabilities(model, x_B).argmax(1), label_B), len(label_B))}


def evidence(model: MLP, splits: Splits) -> dict[str, Tensor]:
    """The tab's facts about the test set: confusion, calibration, the surest and the most wrong, and the maps."""
    x_B, label_B = splits.test
    p_BC = probabilities(model, x_B)
    confidence_B, predicted_B = p_BC.max(1)
    return {
        "confusion": confusion(predicted_B, label_B, 10),
        "reliability": reliability(confidence_B, predicted_B == label_B),
        **extremes(confidence_B, predicted_B, label_B),
        **maps(model, splits.test),
    }


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


def maps(model: MLP, test: Arrays, *, with_tsne: bool = True) -> dict[str, Tensor]:
    """The first hundred test digits of each class at every layer, and the planes that place a new digit among them."""
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


recipe = Recipe(
    name="mnist_mlp",
    model=partial(MLP, batch_norm=True),
    data=mnist.splits,
    source=mnist.SOURCE,
    optimizers=adamw(),
    step=virtual_adversarial,
    evaluate=evaluate,
    budget=Budget(steps=40 * 214, batch_size=256, lr=2e-3, eval_every=214),
    headline=ACCURACY,
    averaging=0.999,
    export=MLP.folded,
    intervals=intervals,
    evidence=evidence,
)
