"""A fast convolutional net for small colour pictures: whitened patches, then three groups of convolutions.

After airbench94 (Jordan 2024, “94% on CIFAR-10 in 3.29 seconds”): the first layer is no learnt one but turns each
patch of 2 × 2 pixels to its principal directions and gives each the same power.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models._layers import Standardize

PATCH = 2
"""Pixels of a whitened patch's side."""
LEAST = 5e-4
"""Added to a direction's power before its root is divided by: directions that hold noise only are not blown up."""
NEW_SHARE = 0.4
"""How much of each batch's mean and power the running ones take over: few batches are enough for them."""


class WhitenedCNN(nn.Module):
    """`whitening → channels[0] → channels[1] → …`: each group two 3 × 3 convolutions and a halving, with GELU.

    Takes pictures `x_BCHW` in [0, 1] of at least 17 × 17 pixels with three groups, and gives logits `(B, classes)`, the
    maximum over all places multiplied by `scale`. `meet` has to show it pictures before it learns. `batch_norm` is for
    training: `folded` multiplies it into the weights.
    """

    def __init__(
        self,
        *,
        inputs: int = 3,
        channels: tuple[int, ...] = (64, 256, 256),
        classes: int = 10,
        scale: float = 1 / 9,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.inputs, self.channels, self.classes = inputs, list(channels), classes
        self.scale, self.batch_norm = scale, batch_norm
        self.standardize = Standardize(inputs)
        self.whitening = Whitening(inputs)
        stages = pairwise([self.whitening.outputs, *channels])
        self.groups = nn.ModuleList(Group(n, m, batch_norm=batch_norm) for n, m in stages)
        self.head = nn.Linear(channels[-1], classes, bias=False)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        x_BCHW = self.whitening(self.standardize(x_BCHW))
        for group in self.groups:
            x_BCHW = group(x_BCHW)
        return self.scale * self.head(x_BCHW.amax((2, 3)))

    def features(self, x_BCHW: Tensor) -> Tensor:
        """What the head sees, `(B, channels[-1])`."""
        x_BCHW = self.whitening(self.standardize(x_BCHW))
        for group in self.groups:
            x_BCHW = group(x_BCHW)
        return x_BCHW.amax((2, 3))

    def meet(self, x_BCHW: Tensor) -> None:
        """Take the mean and deviation of pictures in [0, 1], and their patches' principal directions, in place."""
        self.standardize.meet(x_BCHW)
        self.whitening.meet(self.standardize(x_BCHW))

    def layers(self) -> list[str]:
        """What the net has in mind after each step, from early to late: where an explanation can listen."""
        return ["whitening", *(f"groups.{i}.{step}" for i in range(len(self.groups)) for step in ("first", "second"))]

    def folded(self) -> "WhitenedCNN":
        """The same function as this net in evaluation mode, without batch norm."""
        if not self.batch_norm:
            return self
        plain = WhitenedCNN(inputs=self.inputs, channels=tuple(self.channels), classes=self.classes, scale=self.scale)
        for mine, theirs in zip(self.groups, plain.groups, strict=True):
            assert isinstance(mine, Group) and isinstance(theirs, Group)
            theirs.conv1 = fuse_conv_bn_eval(mine.conv1.eval(), mine.norm1.eval())  # type: ignore[arg-type]
            theirs.conv2 = fuse_conv_bn_eval(mine.conv2.eval(), mine.norm2.eval())  # type: ignore[arg-type]
        for name in ("standardize", "whitening", "head"):
            plain.get_submodule(name).load_state_dict(self.get_submodule(name).state_dict())
        return plain.eval()


class Whitening(nn.Module):
    """Patches of `PATCH` pixels a side in their principal directions, each direction and its negative, GELU.

    `(B, inputs, H, W)` to `(B, outputs, H − 1, W − 1)`. The directions are measured by `meet` and not learnt: a buffer;
    only the biases are.
    """

    directions: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.outputs = 2 * inputs * PATCH**2
        self.register_buffer("directions", torch.zeros(self.outputs, inputs, PATCH, PATCH))
        self.bias = nn.Parameter(torch.zeros(self.outputs))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return F.gelu(F.conv2d(x_BCHW, self.directions, self.bias))

    @torch.no_grad()
    def meet(self, x_BCHW: Tensor) -> None:
        """Measure the directions on standardised pictures: eigenvectors of the patches' power, by its inverse root."""
        patch_ND = F.unfold(x_BCHW, PATCH).transpose(1, 2).flatten(0, 1).double()
        power_D, axes_DD = torch.linalg.eigh(patch_ND.T @ patch_ND / len(patch_ND))
        whitened_DD = (axes_DD / (power_D + LEAST).sqrt()).T.flip(0).float()  # the strongest direction first
        self.directions.copy_(torch.cat([whitened_DD, -whitened_DD]).view_as(self.directions))


class Group(nn.Module):
    """Two 3 × 3 convolutions, the first one's places halved by their maximum, each with batch norm and GELU.

    `(B, inputs, H, W)` to `(B, outputs, H // 2, W // 2)`. Batch norm has no scale to learn. Convolutions start as the
    identity in as many channels as they have inputs, and at random in the others (`dirac`, as airbench94 has it).
    """

    def __init__(self, inputs: int, outputs: int, *, batch_norm: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=not batch_norm)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=not batch_norm)
        self.norm1, self.norm2 = (_norm(outputs) if batch_norm else nn.Identity() for _ in range(2))
        self.pool, self.first, self.second = nn.MaxPool2d(2), nn.GELU(), nn.GELU()
        for convolution in (self.conv1, self.conv2):
            nn.init.dirac_(convolution.weight.data[: convolution.in_channels])

    def forward(self, x_BCHW: Tensor) -> Tensor:
        x_BCHW = self.first(self.norm1(self.pool(self.conv1(x_BCHW))))
        return self.second(self.norm2(self.conv2(x_BCHW)))


def _norm(channels: int) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels, momentum=NEW_SHARE)
    norm.weight.requires_grad_(False)
    return norm
