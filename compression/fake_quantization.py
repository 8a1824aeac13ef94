"""A net that computes in float what its int8 form would: inputs and weights rounded to 8 bits, gradients let through.

What runs fast in int8 is an exported graph (`compression.quantization`), which takes half a minute to compile and has
no gradients, so it cannot say where it looked. This is the same arithmetic, layer by layer: weights symmetric int8 with
a scale for each output channel, inputs affine 8-bit with one scale, as torchao's x86 quantizer lays it down. Rounding
lets gradients pass straight through, so that a map can be made of it, and so that it can be trained
(quantization-aware training, Jacob et al. 2018). The two differ by less than the rounding itself: torchao's observer
clips the widest outliers of a range, and a graph's biases are in half precision.

Covers linear and plain convolution layers; the rest stays in float, as in the graph.
"""

from typing import Any

import torch
from torch import Tensor, nn

from compression.lowrank import model_class
from compression.quantization import Layer, layers_of
from models import _checkpoint
from models._hooks import record_activations

LEVELS = 255


class FakeQuantizedLayer(nn.Module):
    """One layer with its input and its weights rounded to 8 bits; takes and gives what it does, `x_BD` or `x_BCHW`.

    Inputs beyond `low` to `high` are clipped; where these are NaN the range is measured anew at every call (dynamic).
    """

    low: Tensor
    high: Tensor

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer: Layer = layer
        self.register_buffer("low", torch.tensor(float("nan")))
        self.register_buffer("high", torch.tensor(float("nan")))

    def forward(self, x_B: Tensor) -> Tensor:
        low, high = (x_B.detach().amin(), x_B.detach().amax()) if self.low.isnan() else (self.low, self.high)
        weight = fake_quantize_weight(self.layer.weight)
        return torch.func.functional_call(self.layer, {"weight": weight}, (fake_quantize_input(x_B, low, high),))


class FakeQuantized(nn.Module):
    """A model of this project in which every layer rounds: dynamic until `set_ranges` fixes what inputs may be.

    `architecture` is the model's class (`models.cnn.CNN`) and `config` its constructor's arguments; ValueError where
    the class is not one of ours. `FakeQuantized.of(model)` has its weights too. Takes and gives what the model does, as
    pictures `x_BCHW` and logits `(B, classes)`.
    """

    def __init__(self, *, architecture: str, config: dict[str, Any]) -> None:
        super().__init__()
        self.architecture, self.config = architecture, config
        self.net = model_class(architecture)(**config)
        for name, layer in layers_of(self.net).items():
            self.net.set_submodule(name, FakeQuantizedLayer(layer))

    @classmethod
    def of(cls, model: nn.Module) -> "FakeQuantized":
        """`model` with its weights rounded, in evaluation mode; the model itself is left alone."""
        name = f"{type(model).__module__}.{type(model).__qualname__}"
        with torch.random.fork_rng():  # the first weights are overwritten at once
            net = cls(architecture=name, config=_checkpoint.config(model))
        net.take(model)
        return net.eval()

    def take(self, model: nn.Module) -> None:
        """The weights and the buffers of the float net that this one rounds."""
        mine = dict(self.net.named_modules())
        for name, module in model.named_modules():
            own = mine[name]
            own = own.layer if isinstance(own, FakeQuantizedLayer) else own
            own.load_state_dict(_direct(module), strict=False)

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.net(*inputs)

    def rounding(self) -> list[FakeQuantizedLayer]:
        """The layers that round, in the order of the model's modules."""
        return [module for module in self.net.modules() if isinstance(module, FakeQuantizedLayer)]

    def layers(self) -> list[str]:
        """Where an explanation can listen: the model's own places."""
        own: Any = self.net
        return [f"net.{name}" for name in own.layers()]

    def ranges(self) -> Tensor:
        """`(layers, 2)`: the lowest and the highest input that each layer takes; NaN where they are measured anew."""
        return torch.stack([torch.stack([r.low, r.high]) for r in self.rounding()])

    def set_ranges(self, range_L2: Tensor) -> None:
        """Fix what inputs may be, as `calibrated` found it: the lowest and the highest for each layer."""
        for module, (low, high) in zip(self.rounding(), range_L2, strict=True):
            module.low.copy_(low)
            module.high.copy_(high)


def calibrated(model: nn.Module, x_B: Tensor) -> Tensor:
    """`(layers, 2)`: the range of each layer's inputs when the float net reads these *training* inputs."""
    ranges = record_activations(model, layers_of(model), lambda layer, x, y: torch.stack(torch.aminmax(x)), x_B)
    return torch.stack(list(ranges.values()))


def _direct(module: nn.Module) -> dict[str, Tensor]:
    """The module's own tensors, without those of the modules inside it."""
    return {**dict(module.named_parameters(recurse=False)), **dict(module.named_buffers(recurse=False))}


def fake_quantize_input(x_B: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Inputs `(B, *X)` in 256 steps from `low` to `high`, one of them zero; gradients pass where nothing is clipped."""
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / LEVELS).clamp(min=torch.finfo(torch.float32).eps)
    zero = (-low / scale).round().clamp(0, LEVELS).int()
    return torch.fake_quantize_per_tensor_affine(x_B, scale, zero, 0, LEVELS)


def fake_quantize_weight(weight: Tensor) -> Tensor:
    """`(O, *I)` as symmetric int8, a scale for each of O output channels; gradients pass straight through."""
    # 255 steps from −largest to largest, as torchao's observer divides; what comes out beyond 127 is clipped.
    scale_O = (weight.detach().abs().flatten(1).amax(1) / 127.5).clamp(min=torch.finfo(torch.float32).eps)
    return torch.fake_quantize_per_channel_affine(
        weight, scale_O, torch.zeros_like(scale_O, dtype=torch.int32), 0, -128, 127
    )
