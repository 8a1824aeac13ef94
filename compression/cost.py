"""What a model costs: numbers, bytes on disk, multiplications, and milliseconds beside another model.

Multiplications are counted in linear and convolution layers, factored and int8 ones too. Not covered: recurrent
layers, transposed convolutions, and attention between its projections.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import get_ident
from typing import Any, cast

import torch
from torch import Tensor, nn

from compression.quantization import Int8
from models import _checkpoint

COUNTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, Int8)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """`parameters` as numbers, `bytes` of the safetensors file, `macs` (multiply-adds) for one input."""

    parameters: int
    bytes: int
    macs: int


def cost(model: nn.Module, *inputs: Tensor) -> Cost:
    """The cost of `model` at inputs of this shape (dim 0 is the batch)."""
    return Cost(parameters=parameters(model), bytes=file_bytes(model), macs=macs(model, *inputs))


def parameters(model: nn.Module) -> int:
    """How many numbers the model learnt, whatever their precision (int8 weights and their scales included)."""
    return sum(p.numel() for p in model.parameters())


def file_bytes(model: nn.Module) -> int:
    """The size of `model.safetensors` as a checkpoint writes it: half precision wherever that loses nothing."""
    return len(_checkpoint.pack(model))


def macs(model: nn.Module, *inputs: Tensor) -> int:
    """Multiply-adds for one input: each output of a layer takes as many as one of its rows has weights."""
    total, mine = 0, get_ident()

    def count(layer: nn.Module, x: tuple[Tensor, ...], y: Tensor) -> None:
        nonlocal total
        if get_ident() != mine:  # the model may be shared, and a hook fires for everybody
            return
        total += y.numel() * cast(Tensor, layer.weight)[0].numel()

    hooks = [layer.register_forward_hook(count) for layer in model.modules() if isinstance(layer, COUNTED)]
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return total // len(inputs[0])


@torch.no_grad()
def latencies_ms(
    nets: Mapping[str, Callable[..., Any]],
    *inputs: Tensor,
    rounds: int = 50,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """The median time of one call of each net, in milliseconds.

    The nets take turns, in a turning order, so that whatever else the machine does slows all of them alike: compare
    them with each other, and the absolute figures with nothing.
    """
    names = list(nets)
    for name in names * 3:
        nets[name](*inputs)
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            started = clock()
            nets[name](*inputs)
            times[name].append(1000 * (clock() - started))
    return {name: statistics.median(values) for name, values in times.items()}
