"""A published backbone with a head of one's own: what is kept is the head and the blocks that were tuned.

Suffixes as everywhere; L depths, D features. The trunk's other blocks are the published ones (`models.published`),
one copy for every head, and are put in when the net is made.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from models import published
from models.backbone import SMALLEST, Backbone
from models.ridge import Ridge


class TransferNet(Backbone):
    """A `Backbone` of which `state_dict` holds only what is not published: the head, and the blocks from `frozen` on.

    Where the backbone does not ship, all of it is kept. Statistics of batch norm stay as published in every block,
    also while those learn: a batch of a few groceries tells less of ImageNet than ImageNet did.
    """

    def __init__(self, *, name: str, classes: int, dropout: float = 0.2, frozen: int = 0, side: int = SMALLEST) -> None:
        super().__init__(name=name, classes=classes, dropout=dropout, frozen=frozen, side=side)
        self.trunk.eval()  # not only once `train` was called: a new module stands in training mode
        if name in published.SHIPPED:
            self.adopt(published.trunk(name))

    def train(self, mode: bool = True) -> "TransferNet":
        """As any module's, but for the trunk, which stays in evaluation mode."""
        super().train(mode)
        self.trunk.eval()
        return self

    def shared_keys(self) -> set[str]:
        """Which of the weights stand in the published file, and nowhere else."""
        if self.name not in published.SHIPPED:
            return set()
        return {f"trunk.{key}" for key in self.trunk[: self.frozen].state_dict()}

    def state_dict(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """As any module's, `(...,)` by key, without `shared_keys`."""
        found = super().state_dict(*arguments, **options)
        for key in self.shared_keys():
            found.pop(f"{options.get('prefix', '')}{key}", None)
        return found

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """As any module's; the shared weights stay what they are."""
        shared = {key: t for key, t in super().state_dict().items() if key in self.shared_keys()}
        return super().load_state_dict(shared | dict(state_dict), strict, assign)

    def pooled(self, x_BCHW: Tensor) -> Tensor:
        """What the head reads of pictures in [0, 1]: `(B, D)`, the mean over all places and over the mirror image."""
        return pooled_by_depth(self, x_BCHW, self.layers()[-1:])[0]

    def put(self, head: Ridge, *, scale: float = 1.0) -> None:
        """Make this solved head the net's own; `scale` makes logits of its scores."""
        with torch.no_grad():
            self.head.weight.copy_(scale * head.weight_DC.T)
            self.head.bias.copy_(scale * head.bias_C)


def pooled_by_depth(net: Backbone, x_BCHW: Tensor, layers: list[str] | None = None) -> list[Tensor]:
    """Features at each of `layers` of the trunk, all if not given: `(B, D)` each, D as wide as that layer.

    The mean over all places, and over the picture and its mirror image. The last layer's are taken at the trunk's end.
    """
    wanted = layers or net.layers()
    both = [_means(net, view, wanted) for view in (x_BCHW, x_BCHW.flip(3))]
    return [(a + b) / 2 for a, b in zip(*both, strict=True)]


@torch.no_grad()
def _means(net: Backbone, x_BCHW: Tensor, wanted: list[str]) -> list[Tensor]:
    h_BCHW = ((net.enlarged(x_BCHW) - net.mean) / net.deviation).contiguous(memory_format=torch.channels_last)
    found: dict[str, Tensor] = {}
    for name, block in net.trunk.named_children():
        h_BCHW = block(h_BCHW)
        if f"trunk.{name}" in wanted:
            found[f"trunk.{name}"] = h_BCHW.float().mean((2, 3))
    if net.layers()[-1] in wanted:
        found[net.layers()[-1]] = h_BCHW.float().mean((2, 3))
    return [found[layer] for layer in wanted]
