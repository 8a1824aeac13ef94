"""A net's cuts kept as tensors beside it, where the pictures by which they took care may not ship.

The ranks need not be kept: the shapes tell them.
"""

from collections.abc import Mapping

from torch import Tensor, nn

from compression.lowrank import Compressed, Factorisation
from models import _checkpoint

MARK = "cut"
DOWN = ".down.weight"
"""How the name of a factored layer's first half ends, which has a row for each of its directions."""


def packed(apart: Factorisation, shares: Mapping[str, float]) -> dict[str, Tensor]:
    """The cuts to these shares of the net's bytes, in half precision: tensors `(...,)`, by cut and by own name."""
    nets = {name: apart.compressed(apart.ranks(share)) for name, share in shares.items()}
    return {
        f"{MARK} {name} {key}": tensor.half() if tensor.is_floating_point() else tensor
        for name, net in nets.items()
        for key, tensor in net.net.state_dict().items()
    }


def names(evidence: Mapping[str, Tensor]) -> list[str]:
    """Which cuts are kept."""
    return list(dict.fromkeys(key.split(" ")[1] for key in evidence if key.startswith(f"{MARK} ")))


def unpacked(model: nn.Module, evidence: Mapping[str, Tensor], name: str) -> Compressed:
    """One cut of `model` as a net, in evaluation mode; KeyError where there is none of that name."""
    begin = f"{MARK} {name} "
    state = {
        key.removeprefix(begin): tensor.float() if tensor.is_floating_point() else tensor
        for key, tensor in evidence.items()
        if key.startswith(begin)
    }
    if not state:
        raise KeyError(name)
    architecture, config = f"{type(model).__module__}.{type(model).__qualname__}", _checkpoint.config(model)
    ranks = {key.removesuffix(DOWN): len(tensor) for key, tensor in state.items() if key.endswith(DOWN)}
    net = Compressed(architecture=architecture, config=config, ranks=ranks)
    net.net.load_state_dict(state)
    return net.eval()
