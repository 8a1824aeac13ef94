"""Weights and activations as 8-bit integers: a quarter of the bytes, and faster where the processor multiplies them.

Through torchao's pt2e with the x86 quantizer: the model is exported as a graph, watched, and converted. The result runs
as it is (slowly, for checking), and fast once `compiled`. Examples are batches of two or more.

Covers linear and convolution layers on x86 processors. `to_int8` is apart from this: it stores weights and no more.
"""

import copy
import inspect
import warnings
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.fx import GraphModule

from models import _checkpoint

Layer = nn.Linear | nn.Conv2d
SCALE_BYTES = 2
"""A scale is stored in half precision."""


def layers_of(model: nn.Module) -> dict[str, Layer]:
    """The linear and plain two-dimensional convolution layers of `model` by name, in its own order."""
    kinds = (nn.Linear, nn.Conv2d)
    return {name: cast(Layer, m) for name, m in model.named_modules() if type(m) in kinds and _is_plain(m)}


def _is_plain(module: nn.Module) -> bool:
    return type(module) is nn.Linear or (
        isinstance(module, nn.Conv2d | nn.Conv3d)
        and module.groups == 1
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
    )


class Int8(nn.Module):
    """A linear or convolution layer whose weights are stored as int8 with one scale for each output channel.

    Symmetric and weight-only: the product itself runs in float, so this saves bytes, not time. Takes and gives what the
    layer does: `x_BD`, `x_BCHW` or `x_BCDHW`.
    """

    def __init__(self, layer: Layer | nn.Conv3d) -> None:
        super().__init__()
        shape = layer.weight.shape
        self.weight = nn.Parameter(torch.zeros(shape, dtype=torch.int8), requires_grad=False)
        self.scale = nn.Parameter(torch.ones(shape[0], *[1] * (len(shape) - 1)), requires_grad=False)
        self.bias = layer.bias
        self._product: Callable[[Tensor, Tensor, Tensor | None], Tensor] = F.linear
        if isinstance(layer, nn.Conv2d | nn.Conv3d):
            geometry: dict[str, Any] = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
            self._product = partial(F.conv2d if isinstance(layer, nn.Conv2d) else F.conv3d, **geometry)

    def forward(self, x_B: Tensor) -> Tensor:
        return self._product(x_B, self.weight.float() * self.scale, self.bias)


@torch.no_grad()
def to_int8(model: nn.Module) -> None:
    """Replace every layer of `model` by its int8 form, plain convolutions in three dimensions too.

    What stays float is rounded to half precision.
    """
    solid = {name: m for name, m in model.named_modules() if type(m) is nn.Conv3d and _is_plain(m)}
    for name, layer in (layers_of(model) | solid).items():
        small = Int8(layer)
        w = layer.weight
        largest = w.abs().flatten(1).amax(1).clamp(min=1e-6).view_as(small.scale)
        # In half precision, and no smaller than its smallest step.
        small.scale.copy_((largest / 127).half().float().clamp(min=2**-24))
        small.weight.copy_((w / small.scale).round().clamp(-127, 127))
        model.set_submodule(name, small)
    for parameter in model.parameters():
        if parameter.dtype == torch.float32:
            parameter.copy_(parameter.half().float())


def dynamic(model: nn.Module, *example: Tensor) -> GraphModule:
    """Linear and convolution layers in int8, the range of their inputs measured anew at every call."""
    prepared = _prepared(model, example, is_dynamic=True)
    with torch.no_grad():
        prepared(*example)
    return _converted(prepared)


def static(model: nn.Module, *calibration: Tensor) -> GraphModule:
    """Linear and convolution layers in int8, the range of their inputs fixed by what these *training* inputs cause."""
    prepared = _prepared(model, calibration)
    with torch.no_grad():
        prepared(*calibration)
    return _converted(prepared)


def quantization_aware(model: nn.Module, *calibration: Tensor, train: Callable[[nn.Module], None]) -> GraphModule:
    """As `static`, but the net has learnt to live with rounding: `train` fits it while all layers round as int8 would.

    Gradients pass straight through the rounding. `train` gets a net that starts from `model`'s weights, and changes it
    in place. Batch norm and dropout are out of it: give it the net as it ships.
    """
    prepared = _prepared(model, calibration, is_qat=True)
    prepared(*calibration)
    train(prepared)
    return _converted(prepared)


def compiled(model: nn.Module, *example: Tensor) -> Callable[..., Any]:
    """`model` as machine code for inputs of exactly this shape, its weights frozen into it.

    The first call, made here, takes seconds to a minute. Without freezing int8 is slower than float32, so compare a
    compiled int8 net with a compiled float32 one and with nothing else.
    """
    import torch._inductor.config as inductor  # seconds to import

    fast = torch.compile(model, dynamic=False)

    def run(*inputs: Tensor) -> Any:
        # At every call: a strict export throws all compiled code away, and what is compiled again must be frozen again.
        with torch.no_grad(), inductor.patch(freezing=True):
            return fast(*inputs)

    run(*example)
    return run


def kernels(run: Callable[..., Any], *inputs: Tensor) -> set[str]:
    """The matrix products and convolutions that one call really runs: whether int8 is computed in int8 shows here."""
    cpu = [torch.profiler.ProfilerActivity.CPU]
    with torch.no_grad(), torch.profiler.profile(activities=cpu, acc_events=True) as profile:
        run(*inputs)
    products = ("mm", "linear", "conv")
    return {event.key for event in profile.key_averages() if any(word in event.key for word in products)}


def legacy_dynamic(model: nn.Module, kinds: Collection[type[nn.Module]] = (nn.Linear,)) -> nn.Module:
    """Dynamic int8 as `torch.ao.quantization` does it, deprecated: the baseline, and the only way for an LSTM or a GRU.

    Layers of other `kinds` than linear ones and these two stay as they are.
    """
    from torch.ao.quantization import quantize_dynamic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return quantize_dynamic(model, set(kinds), dtype=torch.qint8)


def _prepared(
    model: nn.Module, example: tuple[Tensor, ...], *, is_dynamic: bool = False, is_qat: bool = False
) -> GraphModule:
    """The exported graph of `model` with an observer, or a rounding, wherever an int8 tensor will be."""
    from torchao.quantization.pt2e.quantize_pt2e import prepare_pt2e, prepare_qat_pt2e  # a second to import
    from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

    quantizer = x86.X86InductorQuantizer()
    quantizer.set_global(x86.get_default_x86_inductor_quantization_config(is_dynamic=is_dynamic, is_qat=is_qat))
    shapes = tuple({0: torch.export.Dim.DYNAMIC} for _ in example)
    # The quantizer knows layers by where they come from in the source, which only a strict export writes down.
    shapes = (shapes,) if _takes_any(model) else shapes
    # A graph shares its weights with the model that it came from, and this one may be trained: it gets its own.
    graph = torch.export.export(copy.deepcopy(model).eval(), example, dynamic_shapes=shapes, strict=True).module()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The input of maxpool2d is not quantized")  # nor need it be
        return cast(GraphModule, (prepare_qat_pt2e if is_qat else prepare_pt2e)(cast(GraphModule, graph), quantizer))


def _converted(prepared: GraphModule) -> GraphModule:
    """The graph with int8 weights, and without the float ones that they stand for."""
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e

    graph = cast(GraphModule, convert_pt2e(prepared))
    used = {node.target for node in graph.graph.nodes if node.op == "get_attr"}
    for name in [n for n, _ in (*graph.named_parameters(), *graph.named_buffers()) if n not in used]:
        owner, _, attribute = name.rpartition(".")
        delattr(graph.get_submodule(owner), attribute)
    _checkpoint.round_to_half(graph)  # the biases, so that what is measured is what will be stored
    return graph


def _takes_any(model: nn.Module) -> bool:
    """Whether `forward` takes `*inputs`, which the exporter counts as one argument."""
    return any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(model.forward).parameters.values())
