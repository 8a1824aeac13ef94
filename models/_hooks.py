"""Listening inside a model that others use at the same time.

A hook fires for every thread that runs its module. So whoever listens does so on a copy of their own, which shares
every weight and nothing else.
"""

import copy
import itertools
import threading
import weakref
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn


def with_own_hooks(model: nn.Module) -> nn.Module:
    """A copy of the net that shares every parameter and buffer, and on which a hook hears only its own thread.

    Copying takes about as long as a small net takes to answer, so each thread keeps its copies as long as their models
    live, and makes a new one where tensors or modes have changed hands.
    """
    kept = _copies.__dict__.setdefault("of", weakref.WeakKeyDictionary())
    known = kept.get(model)
    if known is None or not _same(model, known):
        shared = {id(t): t for t in itertools.chain(model.parameters(), model.buffers())}
        known = kept[model] = copy.deepcopy(model, shared)
    return known


@torch.no_grad()
def record_activations(
    model: nn.Module, layers: Iterable[str], record: Callable[[Any, Tensor, Tensor], Tensor], *inputs: Any
) -> dict[str, Tensor]:
    """What `record(layer, x, y)` says of each named layer's first input and its output, by name, in evaluation mode.

    A layer that answers more than once is heard the first time. ValueError where `inputs` never reach one of them,
    AttributeError where the model has none of that name.
    """
    listening, found = with_own_hooks(model).eval(), {}

    def keep(name: str, layer: nn.Module, x: tuple[Tensor, ...], y: Tensor) -> None:
        if name not in found:
            found[name] = record(layer, x[0], y)

    names = list(layers)
    hooks = [listening.get_submodule(name).register_forward_hook(partial(keep, name)) for name in names]
    try:
        listening(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    if missing := set(names) - found.keys():
        raise ValueError(f"The inputs never reach the layers {', '.join(sorted(missing))}.")
    return {name: found[name] for name in names}


_copies = threading.local()


def _same(model: nn.Module, other: nn.Module) -> bool:
    """Whether both hold the very same tensors, module by module, in the same mode and without further hooks."""
    pairs = itertools.zip_longest(model.modules(), other.modules())
    return all(
        a is not None
        and b is not None
        and a.training == b.training
        and all(mine is b._parameters.get(name) for name, mine in a._parameters.items())
        and all(mine is b._buffers.get(name) for name, mine in a._buffers.items())
        and a._forward_hooks.keys() == b._forward_hooks.keys()
        for a, b in pairs
    )
