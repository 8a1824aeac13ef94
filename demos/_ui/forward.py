"""A small net that answers in the visitor's page: its dense layers, packed to travel once; `forward.js` runs them there.

Packed are, little-endian: the length of a JSON text in four bytes; the text, `[{"inputs", "outputs", "activation"}, …]`,
padded with blanks to an even end; and of each layer the weights `(outputs, inputs)` row by row and the biases
`(outputs,)`, all in half precision, to which a checkpoint's parameters are rounded anyway.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

Activation = Literal["none", "relu", "tanh", "sigmoid"]
ACTIVATIONS: dict[type[nn.Module], Activation] = {
    nn.Identity: "none", nn.ReLU: "relu", nn.Tanh: "tanh", nn.Sigmoid: "sigmoid",
}  # fmt: skip
MOST_BYTES = 700_000
"""What a page is asked to fetch for one net."""
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
"""Goes in front of a widget's own script, which then has `fetch_net(address)` and `forward(layers, x)`."""


class Dense(NamedTuple):
    """One layer: `activation(W x + b)`, W `(outputs, inputs)`, b `(outputs,)`."""

    weight_OI: Tensor
    bias_O: Tensor
    activation: Activation


def dense_layers(net: nn.Sequential) -> list[Dense]:
    """The layers of a net of linear maps, batch norms and activations, in evaluation mode: norms folded, dropout gone.

    ValueError names a module that a page cannot run.
    """
    layers: list[Dense] = []
    for module in net:
        if isinstance(module, nn.Linear):
            bias_O = module.bias if module.bias is not None else torch.zeros(module.out_features)
            layers.append(Dense(module.weight.detach(), bias_O.detach(), "none"))
        elif isinstance(module, nn.BatchNorm1d) and layers and layers[-1].activation == "none":
            layers[-1] = _folded(layers[-1], module)
        elif type(module) in ACTIVATIONS and layers and layers[-1].activation == "none":
            layers[-1] = layers[-1]._replace(activation=ACTIVATIONS[type(module)])
        elif not isinstance(module, nn.Dropout):
            raise ValueError(
                f"A page cannot run a {type(module).__name__} here: it has dense layers, each with its norm"
            )
    return layers


def _folded(layer: Dense, norm: nn.BatchNorm1d) -> Dense:
    linear = nn.Linear(layer.weight_OI.shape[1], layer.weight_OI.shape[0])
    linear.weight.data, linear.bias.data = layer.weight_OI, layer.bias_O
    fused = fuse_linear_bn_eval(linear.eval(), norm.eval())
    return Dense(fused.weight.detach(), fused.bias.detach(), "none")


def packed(layers: Sequence[Dense]) -> bytes:
    """The layers as the page reads them; ValueError where half precision cannot hold them, or they are too many."""
    listed = [
        {"inputs": layer.weight_OI.shape[1], "outputs": layer.weight_OI.shape[0], "activation": layer.activation}
        for layer in layers
    ]
    text = json.dumps(listed).encode()
    text += b" " * (len(text) % 2)
    numbers = torch.cat([t.flatten() for layer in layers for t in (layer.weight_OI, layer.bias_O)]).half()
    if not numbers.isfinite().all():
        raise ValueError("A weight is no number in half precision: the page cannot run this net")
    content = len(text).to_bytes(4, "little") + text + numbers.numpy().astype(np.dtype("<f2")).tobytes()
    if len(content) > MOST_BYTES:
        raise ValueError(f"This net has {len(content):,} bytes, and a page fetches at most {MOST_BYTES:,}")
    return content
