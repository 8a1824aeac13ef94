"""`mnist_mlp_rank20`: the perceptron with every hidden layer at rank 20, started from and taught by the dense one."""

import copy
from functools import cache, partial

import torch
from torch import Tensor, nn

from compression.lowrank import Compressed, Factorisation
from signals.image import to_unit
from training._recipe import Arrays, Budget, Recipe, Splits
from training._steps import adamw
from training.data import mnist
from training.recipes import mnist_mlp
from training.tasks import digits

HIDDEN = [f"blocks.{i}.linear" for i in range(5)]
CALIBRATION = 2048


def perceptron(ranks: list[int], head: int | None = None) -> "partial[Compressed]":
    """The dense net's shape with these ranks in its hidden layers."""
    config = {"inputs": 784, "hidden": 1024, "layers": 5, "classes": 10, "dropout": 0.0, "batch_norm": False}
    named = dict(zip(HIDDEN, ranks, strict=True)) | ({"head": head} if head else {})
    return partial(Compressed, architecture="models.mlp.MLP", config=config, ranks=named)


def teacher(device: torch.device) -> nn.Module:
    """The dense net, in evaluation mode."""
    net = mnist_mlp.recipe.checkpoint().model
    return net if device.type == "cpu" else _moved(net, device)


@cache
def _moved(net: nn.Module, device: torch.device) -> nn.Module:
    return copy.deepcopy(net).to(device)


def calibration(train: Arrays) -> Tensor:
    """Up to 2,048 training pictures `(B, 1, 28, 28)`, always the same ones, in [0, 1]."""
    x_B = train[0]
    index = torch.randperm(len(x_B), generator=torch.Generator().manual_seed(0))[:CALIBRATION]
    return to_unit(x_B[index.to(x_B.device)])


def start(model: Compressed, splits: Splits) -> None:
    """The dense net's weights, truncated by what they do to training pictures."""
    x_B = calibration(splits.train)
    taken_apart = Factorisation(teacher(x_B.device), x_B)
    model.load_state_dict(taken_apart.compressed(model.ranks).state_dict())


recipe = Recipe(
    name="mnist_mlp_rank20",
    model=perceptron([20, 20, 20, 20, 20]),
    data=mnist.splits,
    source=mnist.SOURCE,
    optimizers=adamw(),
    step=partial(digits.distillation_step, teacher=teacher),
    initial=start,
    evaluate=digits.evaluate,
    budget=Budget(steps=30 * 214, batch_size=256, lr=1e-3, eval_every=214),
    headline=digits.ACCURACY,
    averaging=0.999,
    intervals=digits.intervals,
    evidence=digits.evidence,
)
