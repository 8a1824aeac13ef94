"""What a model costs: numbers, bytes on disk, multiplications, and milliseconds beside another model.

Multiplications are counted in matrix products and convolutions of every kind, a GRU's and attention's included. Not
covered: Fourier transforms, and what torch does as one operation: an LSTM, and attention in a net that is frozen.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from models import _checkpoint


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
    """Multiply-adds for one input: half the floating-point operations of every product on the way."""
    from torch.utils.flop_counter import flop_registry  # brings a compiler: not on the way of the first page

    aten = torch.ops.aten
    formulas = flop_registry | {  # torch's table leaves the processor's kernel out
        aten._scaled_dot_product_flash_attention_for_cpu: flop_registry[aten._scaled_dot_product_flash_attention]
    }
    with torch.enable_grad(), _Products(formulas) as products:  # what may learn is not fused beyond counting
        model(*inputs)
    return products.flops // 2 // len(inputs[0])


class _Products(TorchDispatchMode):
    """Adds up the operations of its own thread by `formulas`, which are torch's.

    `FlopCounterMode`, whose formulas they are, would hang a hook on every module of every thread, those that train too.
    """

    def __init__(self, formulas: Mapping[Any, Callable[..., int]]) -> None:
        super().__init__()
        self.formulas, self.flops = formulas, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if formula := self.formulas.get(func.overloadpacket):
            self.flops += formula(*args, **(kwargs or {}), out_val=found)
        return found


@torch.no_grad()
def latencies_ms(
    nets: Mapping[str, Callable[..., Any]],
    *inputs: Tensor,
    rounds: int = 50,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """The median time of one call of each net, in milliseconds, in turns as `time_in_turns` takes them."""
    times = time_in_turns(nets, *inputs, rounds=rounds, clock=clock)
    return {name: statistics.median(values) for name, values in times.items()}


def time_in_turns(
    nets: Mapping[str, Callable[..., Any]],
    *inputs: Tensor,
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """The times of `rounds` calls of each net, in milliseconds, after three that only warm up.

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
    return times
