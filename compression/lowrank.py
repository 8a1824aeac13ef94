"""Layers as two thin factors: nearly the same answers from a fraction of the numbers.

A layer `y = W x + b` becomes `y = U (V x) + b′` with `rank` numbers in between, and is stored and run so. Two methods:
`plain` keeps the leading singular directions of `W` itself; `whitened` keeps those that carry most of the layer's
*output* on calibration inputs, refitted to what the layer really gets behind layers that are compressed already.

Covers Linear and ungrouped Conv2d layers of any model in `models/`; a convolution becomes one of the same window into
`rank` channels and a 1 × 1 one out of them. Not covered: recurrent layers, and attention's own projections.

Dimension key:  N calibration columns   I inputs of a layer (channels × window)   O its outputs   R rank
"""

import heapq
import importlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from threading import get_ident
from typing import Any, Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from compression.quantization import SCALE_BYTES, Layer, layers_of, to_int8
from models import _checkpoint

Method = Literal["plain", "whitened"]
Precision = Literal["float32", "float16", "int8"]
WEIGHT_BYTES: dict[Precision, int] = {"float32": 4, "float16": 2, "int8": 1}
COLUMNS = 16_384
"""At most about so many columns per layer: a share of a convolution's many windows tells as much."""
RIDGE = 1e-2
"""How firmly a refitted layer is held to its old weights, as a share of the mean input power."""


class Compressed(nn.Module):
    """A model of this project with some layers as two factors, and its weights as int8 if asked for.

    `architecture` is the model's class (`models.mlp.MLP`), `config` its constructor's arguments, and `ranks` what each
    factored layer keeps, by the layer's name. It answers as `net`, the model inside, does. ValueError where the class
    is not one of ours, or a layer does not get smaller.
    """

    def __init__(self, *, architecture: str, config: dict[str, Any], ranks: dict[str, int], int8: bool = False) -> None:
        super().__init__()
        self.architecture, self.config, self.ranks, self.int8 = architecture, config, ranks, int8
        self.net = model_class(architecture)(**config)
        layers = layers_of(self.net)
        for name, rank in ranks.items():
            if name not in layers or not 1 <= rank <= highest_rank(layers[name]):
                raise ValueError(f"Layer “{name}” of {architecture} does not get smaller at rank {rank}.")
            self.net.set_submodule(name, factors(layers[name], rank))
        if int8:
            to_int8(self.net)

    def forward(self, *inputs: Any) -> Any:
        return self.net(*inputs)

    def quantized(self) -> "Compressed":
        """The same net with its weights as int8: a quarter of the float32 bytes."""
        if self.int8:
            return self
        small = Compressed(architecture=self.architecture, config=self.config, ranks=self.ranks)
        small.load_state_dict(self.state_dict())
        for name in self.ranks:
            _spread_evenly(cast(nn.Sequential, small.net.get_submodule(name)))
        to_int8(small.net)
        small.int8 = True
        return small.eval()


@dataclass(frozen=True)
class Spectrum:
    """One layer's size and what each of its directions carries.

    `energies` `(K,)` are squared singular values, falling: of `W` when plain; of `W` times the Cholesky factor of its
    inputs' covariance when whitened, where they add up to the power of the layer's output.
    """

    outputs: int
    inputs: int
    highest_rank: int
    energies: Tensor

    @property
    def direction(self) -> int:
        """The numbers that one more rank costs."""
        return self.outputs + self.inputs


class Factorisation:
    """A trained model taken apart once, so that any budget is then a matter of truncation.

    `inputs` are up to 2,048 *training* inputs as the model takes them; `plain` does not look at them. ValueError where
    the model has no layer that two factors would make smaller.
    """

    def __init__(self, model: nn.Module, *inputs: Tensor, method: Method = "whitened") -> None:
        if isinstance(model, Compressed):
            raise ValueError("This model is compressed already: take apart the one that it was made from.")
        self.method: Method = method
        self._architecture = f"{type(model).__module__}.{type(model).__qualname__}"
        self._config, self._inputs = _checkpoint.config(model), inputs
        self._state = {name: t.detach().clone() for name, t in model.state_dict().items()}
        self._layers = {name: layer for name, layer in layers_of(model).items() if highest_rank(layer) > 0}
        if not self._layers:
            raise ValueError(f"A {type(model).__name__} of this size has no layer that two factors would make smaller.")
        self._outputs = _outputs(model, self._layers, inputs) if method == "whitened" else {}
        self._basis: dict[str, Tensor] = {}
        self.spectra = {name: self._spectrum(name, layer) for name, layer in self._layers.items()}

    @property
    def dense_bytes(self) -> int:
        """The uncompressed model in float32: what every share and every × is measured against."""
        return 4 * sum(t.numel() for t in self._state.values())

    def smallest_share(self, precision: Precision = "float32") -> float:
        """What rank 1 everywhere comes to."""
        return self._bytes(dict.fromkeys(self._layers, 1), precision) / self.dense_bytes

    def uniform(self, rank: int) -> dict[str, int]:
        """The same rank in every hidden layer that gets smaller by it; the last layer is left alone."""
        hidden = list(self.spectra)[:-1] or list(self.spectra)
        ranks = {name: rank for name in hidden if 1 <= rank <= self.spectra[name].highest_rank}
        if not ranks:
            raise ValueError(f"At rank {rank} no layer of this model gets smaller.")
        return ranks

    def ranks(self, share: float, precision: Precision = "float32") -> dict[str, int]:
        """The ranks that fill `share` of the dense model's float32 bytes best; a layer not named stays whole.

        The next direction taken is always the one that carries the largest part of its layer's output per byte. At
        `float32` a share of the bytes is a share of the parameters. ValueError where even rank 1 everywhere takes more.
        """
        least = self.smallest_share(precision)
        if share < least:
            raise ValueError(
                f"No ranks fit into {share:.2%}: with rank 1 in every layer this model still takes {least:.2%} of its "
                f"float32 size. Ask for more than that."
            )
        left = share * self.dense_bytes - self._bytes(dict.fromkeys(self._layers, 1), precision)
        ranks = dict.fromkeys(self._layers, 1)
        queue = [entry for name in ranks if (entry := self._next(name, 1, precision))]
        heapq.heapify(queue)
        while queue:
            _, price, name = heapq.heappop(queue)
            if price <= left:
                left -= price
                ranks[name] += 1
                if entry := self._next(name, ranks[name], precision):
                    heapq.heappush(queue, entry)
        return {name: rank for name, rank in ranks.items() if rank <= self.spectra[name].highest_rank}

    @torch.no_grad()
    def compressed(self, ranks: dict[str, int], *, int8: bool = False) -> Compressed:
        """The model at these ranks, in evaluation mode."""
        small = Compressed(architecture=self._architecture, config=self._config, ranks=ranks).eval()
        small.net.load_state_dict({name: self._state.get(name, t) for name, t in small.net.state_dict().items()})
        fitting = []
        for name in ranks:
            pair = cast(nn.Sequential, small.net.get_submodule(name))
            if self.method == "plain":
                self._truncate(name, pair)
            else:  # in the order of the computation: each layer meets inputs that went through those fitted before it
                fitting.append(pair.register_forward_pre_hook(partial(self._fit, name)))
        if fitting:
            small(*self._inputs)
        for hook in fitting:
            hook.remove()
        return small.quantized() if int8 else small

    def matrix(self, name: str) -> Tensor:
        """The weights of a layer as it was, `(O, I)`."""
        return self._state[f"{name}.weight"].flatten(1)

    def _spectrum(self, name: str, layer: Layer) -> Spectrum:
        w_OI = self.matrix(name)
        covariance_OO = w_OI @ w_OI.T if self.method == "plain" else self._outputs[name].T.cov(correction=0)
        energy_O, basis_OO = torch.linalg.eigh(covariance_OO)
        self._basis[name] = basis_OO.flip(1)
        outputs, inputs = w_OI.shape
        return Spectrum(outputs, inputs, highest_rank(layer), energy_O.flip(0).clamp(min=0)[: min(outputs, inputs)])

    def _next(self, name: str, rank: int, precision: Precision) -> tuple[float, int, str] | None:
        """What the layer's next step up brings per byte (negative: a heap gives the smallest), and its price."""
        layer = self.spectra[name]
        if rank > layer.highest_rank:
            return None
        if rank < layer.highest_rank:
            gain, price = layer.energies[rank].item(), self._price(layer.direction, 1, precision)
        else:  # from the highest rank it is one step to the whole layer
            numbers = layer.outputs * layer.inputs - rank * layer.direction
            gain, price = layer.energies[rank:].sum().item(), max(1, self._price(numbers, -rank, precision))
        return -gain / layer.energies.sum().clamp(min=1e-30).item() / price, price, name

    def _bytes(self, ranks: dict[str, int], precision: Precision) -> int:
        rest = sum(t.numel() for t in self._state.values())
        total = 0
        for name, rank in ranks.items():
            layer = self.spectra[name]
            rest -= layer.outputs * layer.inputs
            total += self._price(rank * layer.direction, rank + layer.outputs, precision)
        return total + rest * (4 if precision == "float32" else 2)

    @staticmethod
    def _price(numbers: int, channels: int, precision: Precision) -> int:
        return numbers * WEIGHT_BYTES[precision] + (channels * SCALE_BYTES if precision == "int8" else 0)

    def _truncate(self, name: str, pair: nn.Sequential) -> None:
        basis_OR = self._basis[name][:, : _rank(pair)]
        _write(pair, basis_OR, basis_OR.T @ self.matrix(name), self._state.get(f"{name}.bias"))

    def _fit(self, name: str, pair: nn.Sequential, inputs: tuple[Tensor, ...]) -> None:
        """Fit two factors so that `U V x̂` comes closest to the dense layer's own output, for the inputs `x̂` met here.

        The best single matrix is `B = W + E x̂ᵀ (x̂ x̂ᵀ)⁻¹`, with `E` what `W x̂` misses of that output; its best
        truncation keeps the leading left singular vectors of `B L`, with `L` the Cholesky factor of `x̂ x̂ᵀ`.
        """
        x_NI, y_NO, w_OI = _columns(self._layers[name], inputs[0]), self._outputs[name], self.matrix(name)
        bias_O = self._state.get(f"{name}.bias")
        x_mean_I, y_mean_O = x_NI.mean(0), y_NO.mean(0)
        if bias_O is not None:  # a bias takes care of the means, and the directions need not
            x_NI, y_NO = x_NI - x_mean_I, y_NO - y_mean_O
        power_II = x_NI.T @ x_NI / len(x_NI)
        missed_IO = x_NI.T @ y_NO / len(x_NI) - power_II @ w_OI.T
        power_II.diagonal().add_(RIDGE * power_II.diagonal().mean().clamp(min=1e-12))
        b_OI = w_OI + torch.cholesky_solve(missed_IO, torch.linalg.cholesky(power_II)).T
        basis_OR = _leading(b_OI, power_II, self._basis[name], _rank(pair))
        v_RI = basis_OR.T @ b_OI
        _write(pair, basis_OR, v_RI, None if bias_O is None else y_mean_O - basis_OR @ (v_RI @ x_mean_I))


def highest_rank(layer: Layer) -> int:
    """The largest rank at which two factors hold fewer numbers than the layer; 0 where there is none."""
    outputs, inputs = layer.weight.flatten(1).shape
    return (outputs * inputs - 1) // (outputs + inputs)


def factors(layer: Layer, rank: int) -> nn.Sequential:
    """Two untrained layers, `down` into `rank` numbers and `up` out of them, in the place of `layer`."""
    if isinstance(layer, nn.Linear):
        down, up = (
            nn.Linear(layer.in_features, rank, bias=False),
            nn.Linear(rank, layer.out_features, bias=layer.bias is not None),
        )
    else:
        down = nn.Conv2d(
            layer.in_channels, rank, cast(Any, layer.kernel_size), cast(Any, layer.stride), cast(Any, layer.padding),
            cast(Any, layer.dilation), bias=False,
        )  # fmt: skip
        up = nn.Conv2d(rank, layer.out_channels, 1, bias=layer.bias is not None)
    return nn.Sequential(OrderedDict(down=down, up=up))


def inner(model: nn.Module) -> Any:
    """The net itself, also where `Compressed` wraps it."""
    return model.net if isinstance(model, Compressed) else model


def model_class(architecture: str) -> type[nn.Module]:
    """The class of this name below `models`, and nothing else: a config may come from anywhere."""
    module, _, name = architecture.rpartition(".")
    try:
        if not module.startswith("models."):
            raise AttributeError
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        raise ValueError(f"There is no model “{architecture}” in this project.") from None
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        raise ValueError(f"“{architecture}” is not a model.")
    return found


def _rank(pair: nn.Sequential) -> int:
    return len(cast(Layer, pair.down).weight)


def _leading(b_OI: Tensor, power_II: Tensor, start_OO: Tensor, rank: int) -> Tensor:
    """The `rank` leading left singular vectors of `B L`, where `L Lᵀ` is `power_II`.

    By subspace iteration on `B L Lᵀ Bᵀ` from a start that is nearly right, which needs no `L`.
    """
    q_OK = start_OO[:, : rank + 8]
    for _ in range(2):
        q_OK = torch.linalg.qr(b_OI @ (power_II @ (b_OI.T @ q_OK))).Q
    projected_IK = b_OI.T @ q_OK
    _, v_KK = torch.linalg.eigh(projected_IK.T @ power_II @ projected_IK)
    return q_OK @ v_KK.flip(1)[:, :rank]


def _write(pair: nn.Sequential, u_OR: Tensor, v_RI: Tensor, bias_O: Tensor | None) -> None:
    """Put factors into their layers, each direction's size split evenly between the two."""
    down, up = cast(Layer, pair.down), cast(Layer, pair.up)
    size_R = v_RI.norm(dim=1).clamp(min=1e-12).sqrt()
    down.weight.copy_((v_RI / size_R[:, None]).view_as(down.weight))
    up.weight.copy_((u_OR * size_R).view_as(up.weight))
    if up.bias is not None and bias_O is not None:
        up.bias.copy_(bias_O)


@torch.no_grad()
def _spread_evenly(pair: nn.Sequential) -> None:
    """Give each direction the same largest weight in `up`, whose rows share an int8 scale; `down` has one for each."""
    down, up = cast(Layer, pair.down), cast(Layer, pair.up)
    size_R = up.weight.flatten(1).abs().amax(0).clamp(min=1e-12)
    up.weight.div_(size_R.view(1, -1, *[1] * (up.weight.dim() - 2)))
    down.weight.mul_(size_R.view(-1, *[1] * (down.weight.dim() - 1)))


def _columns(layer: Layer, x_B: Tensor) -> Tensor:
    """What the layer's matrix is multiplied with, `(N, I)`: rows, or a regular share of a convolution's windows."""
    if isinstance(layer, nn.Linear):
        x_NI = x_B.flatten(0, -2)
        return x_NI[:: -(-len(x_NI) // COLUMNS)]
    step = _step(layer, x_B)
    stride = tuple(s * step for s in layer.stride)
    x_BIP = F.unfold(x_B, cast(Any, layer.kernel_size), cast(Any, layer.dilation), cast(Any, layer.padding), stride)
    return x_BIP.transpose(1, 2).flatten(0, 1)


def _output_columns(layer: Layer, x_B: Tensor, y_B: Tensor) -> Tensor:
    """The layer's outputs `(N, O)` for the very columns that `_columns` gives."""
    if isinstance(layer, nn.Linear):
        y_NO = y_B.flatten(0, -2)
        return y_NO[:: -(-len(y_NO) // COLUMNS)]
    step = _step(layer, x_B)
    return y_B[:, :, ::step, ::step].flatten(2).transpose(1, 2).flatten(0, 1)


def _step(layer: nn.Conv2d, x_BCHW: Tensor) -> int:
    """Every how many windows, down and across, one is kept."""
    batch, _, height, width = x_BCHW.shape
    windows = batch * height * width / (layer.stride[0] * layer.stride[1])
    return max(1, round((windows / COLUMNS) ** 0.5 + 0.49))


@torch.no_grad()
def _outputs(model: nn.Module, layers: dict[str, Layer], inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Every layer's output columns in the dense model, in evaluation mode."""
    found: dict[str, Tensor] = {}
    mine = get_ident()

    def keep(name: str, layer: nn.Module, x: tuple[Tensor, ...], y: Tensor) -> None:
        if get_ident() != mine:  # the model may be shared, and a hook fires for everybody
            return
        found.setdefault(name, _output_columns(cast(Layer, layer), x[0], y))

    hooks = [layer.register_forward_hook(partial(keep, name)) for name, layer in layers.items()]
    was_training = model.training
    try:
        model.eval()(*inputs)
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    if missing := layers.keys() - found.keys():
        raise ValueError(f"The calibration inputs never reach the layers {', '.join(sorted(missing))}.")
    return found
