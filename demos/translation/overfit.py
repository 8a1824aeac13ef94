"""The single-batch test: a net that cannot learn four pictures by heart is broken, or the loop around it is."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demos.translation.nets import Direction
from signals.image import to_unit
from training.data import at_hand, lgg_mri

AS_IT_IS, NO_STEP, SHUFFLED = WAYS = (
    "As it is",
    "Break it: no learning rate",
    "Break it: targets shuffled at every step",
)
ENOUGH = 0.01
"""The share of the first loss below which a batch counts as learnt by heart."""
PICTURES, SIDE = 4, 64
STEPS, SECONDS = 150, 120.0
LR = 3e-3


class Point(NamedTuple):
    """Where the test stands: steps taken, seconds spent, and the mean squared error of the whole batch."""

    step: int
    seconds: float
    loss: float


class Batch(NamedTuple):
    """What is to be learnt by heart: source and target `(B, 1, SIDE, SIDE)` in [0, 1], and what they show."""

    source_B1HW: Tensor
    target_B1HW: Tensor
    words: str


def four_slices(direction: Direction) -> Batch:
    """Four training slices, from what is at hand, at half their resolution."""
    source_B1HW, target_B1HW, *_ = at_hand(
        lambda: lgg_mri.part("train", source=direction.source, target=direction.target)
    ).value
    every = len(source_B1HW) // PICTURES
    source_B1HW, target_B1HW = (t[::every][:PICTURES] for t in (source_B1HW, target_B1HW))
    return Batch(_halved(to_unit(source_B1HW)), _halved(target_B1HW), "four training slices")


def _halved(x_B1HW: Tensor) -> Tensor:
    return x_B1HW[..., ::2, ::2][..., :SIDE, :SIDE]


def overfit_one_batch(
    model: nn.Module,
    batch: Batch,
    way: str,
    *,
    steps: int = STEPS,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Point]:
    """Adam by squared error on one batch, as it is, batch norm in training mode, until learnt or the budget is spent.

    `way` of `WAYS` may break it: a learning rate of 0, or targets dealt out anew to the sources at every step.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=0.0 if way == NO_STEP else LR)
    draw = torch.Generator().manual_seed(0)
    model.train()
    began, first = clock(), None
    for step in range(1, steps + 1):
        target_B1HW = batch.target_B1HW
        if way == SHUFFLED:
            target_B1HW = target_B1HW[torch.randperm(len(target_B1HW), generator=draw)]
        value = _step(model, optimizer, batch.source_B1HW, target_B1HW)
        first = value if first is None else first
        spent = clock() - began
        yield Point(step, spent, value)
        if value < ENOUGH * first or spent > seconds:
            return


@torch.enable_grad()
def _step(model: nn.Module, optimizer: torch.optim.Optimizer, x_B: Tensor, y_B: Tensor) -> float:
    found = F.mse_loss(model(x_B), y_B)
    optimizer.zero_grad(set_to_none=True)
    found.backward()
    optimizer.step()
    return found.item()
