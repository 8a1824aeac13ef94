"""Grad-CAM: where a convolutional net looked, weighed by how much each channel moves the score (Selvaraju et al. 2017).

Signals, pictures and volumes alike; the maps are captum's. Captum listens to the net with hooks, which fire for every
thread, so each map is made on a copy that shares the weights and has hooks of its own.
"""

import copy
import itertools
import threading
import weakref

import torch
import torch.nn.functional as F
from torch import Tensor, nn

INTERPOLATION = {1: "linear", 2: "bilinear", 3: "trilinear"}


def gradcam(model: nn.Module, layer: str, x_BCX: Tensor, target_B: Tensor | int) -> Tensor:
    """Heat `(B, *X)` ≥ 0 at the input's size, for the score of class `target_B`: what spoke for it at module `layer`.

    `x_BCX` is any input with one, two or three dimensions of place. The heat is in the score's own units and is not
    scaled: a map of zeros says that nothing at this layer spoke for the class. ValueError where `layer` is no module of
    the net, or keeps no places.
    """
    from captum.attr import LayerGradCam  # takes a second to import

    listening = with_own_hooks(model)
    try:
        module = listening.get_submodule(layer)
    except AttributeError as error:
        raise ValueError(f"{type(model).__name__} has no layer “{layer}”") from error
    with torch.enable_grad():
        x_BCX = x_BCX.detach().requires_grad_()  # a layer that no longer learns is asked all the same
        heat = LayerGradCam(listening, module).attribute(x_BCX, target=target_B, relu_attributions=True)
    assert isinstance(heat, Tensor)
    places = x_BCX.ndim - 2
    if heat.ndim != x_BCX.ndim:
        raise ValueError(f"Layer “{layer}” keeps no places: choose a convolutional one")
    heat_B1X = F.interpolate(heat.detach(), x_BCX.shape[2:], mode=INTERPOLATION[places], align_corners=False)
    return heat_B1X[:, 0]


def convolutions(model: nn.Module) -> list[str]:
    """The names of the net's convolutional layers, from early to late: where Grad-CAM can listen."""
    kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
    return [name for name, module in model.named_modules() if isinstance(module, kinds)]


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
