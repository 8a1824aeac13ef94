"""What one place of a layer sees of the input: how far it could see at most, and which pixels move it here.

The second is smaller by far, and densest in its middle (Luo et al. 2016).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models._hooks import with_own_hooks


class Field(NamedTuple):
    """The places of a layer along an edge: each sees `size` pixels, `step` apart; the first one's middle is at `start`.

    In pixels, the edge of the picture at 0.
    """

    size: float
    step: float
    start: float

    def span(self, place: int) -> tuple[float, float]:
        """From where to where one place sees; beyond the picture there is nothing to see."""
        middle = self.start + place * self.step
        return middle - self.size / 2, middle + self.size / 2

    def after(self, window: int, *, stride: int = 1, padding: int = 0) -> "Field":
        """The same behind a convolution or a pooling (Dumoulin and Visin 2016)."""
        wider = self.step * (window - 1)
        return Field(self.size + wider, self.step * stride, self.start + wider / 2 - self.step * padding)


PIXELS = Field(1.0, 1.0, 0.5)
"""Of the picture itself."""


def effective_field(model: nn.Module, layer: str, x_BCHW: Tensor) -> Tensor:
    """`(B, H, W)` ≥ 0: how much each pixel moves the middle place of a layer, all its channels together.

    The length over colours of the gradient of half their squares' sum. ValueError where the layer keeps no places.
    """
    listening = with_own_hooks(model).eval()
    heard: list[Tensor] = []

    def hear(module: nn.Module, x: tuple[Tensor, ...], y: Tensor) -> None:
        heard.append(y)

    hook = listening.get_submodule(layer).register_forward_hook(hear)
    try:
        with torch.enable_grad():
            x_BCHW = x_BCHW.detach().requires_grad_()
            listening(x_BCHW)
            if heard[0].ndim != x_BCHW.ndim:
                raise ValueError(f"Layer “{layer}” keeps no places: choose a convolutional one")
            height, width = heard[0].shape[2:]
            (gradient_BCHW,) = torch.autograd.grad(heard[0][:, :, height // 2, width // 2].square().sum() / 2, x_BCHW)
    finally:
        hook.remove()
    return gradient_BCHW.square().sum(1).sqrt()
