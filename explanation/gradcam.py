"""Grad-CAM: where a convolutional net looked, weighed by how much each channel moves the score (Selvaraju et al. 2017).

Signals, pictures and volumes alike; the maps are captum's.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models._hooks import with_own_hooks

INTERPOLATION = {1: "linear", 2: "bilinear", 3: "trilinear"}


def gradcam(model: nn.Module, layer: str, x_BCX: Tensor, target_B: Tensor | int) -> Tensor:
    """Heat `(B, *X)` ≥ 0 at the input's size, for the score of class `target_B`: what spoke for it at module `layer`.

    `x_BCX` is any input with one, two or three dimensions of place. The heat is in the score's own units and is not
    scaled: a map of zeros says that nothing at this layer spoke for the class. ValueError where `layer` is no module of
    the net, or keeps no places.
    """
    from captum.attr import LayerGradCam  # takes a second to import

    listening = with_own_hooks(model)  # captum listens with hooks, and the model may be shared
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
