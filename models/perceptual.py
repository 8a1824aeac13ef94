"""How different two pictures look to a net that has learnt to name things.

The form of LPIPS (Zhang et al. 2018): features of several depths, each place of unit length, half the squared
difference, mean over places and depths. Without LPIPS's learnt weights, so its figures compare only with one another.
"""

from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.backbone import Backbone
from signals.image import to_unit


class Perceptual(nn.Module):
    """The trunk of a published net, frozen, listened to before each pooling and at its end."""

    def __init__(self, *, name: str = "squeezenet1_0") -> None:
        super().__init__()
        self.name = name
        self.backbone = Backbone(name=name, classes=1).eval().requires_grad_(False)

    @classmethod
    def of(cls, name: str, published: Mapping[str, Tensor]) -> "Perceptual":
        """With the published weights, under torchvision's own keys."""
        net = cls(name=name)
        net.backbone.adopt(published)
        return net

    def features(self, x_B3HW: Tensor) -> Iterator[Tensor]:
        """`(B, C, h, w)` at each depth, of pictures in [0, 1]."""
        x = (x_B3HW - self.backbone.mean) / self.backbone.deviation
        for block in self.backbone.trunk:
            if isinstance(block, nn.MaxPool2d):
                yield x
                if min(x.shape[2:]) < 3:  # nothing is left to pool
                    return
            x = block(x)
        yield x

    def forward(self, a_B3HW: Tensor, b_B3HW: Tensor) -> Tensor:
        """The distance `(B,)`: 0 where the two are one, 1 where they have nothing in common."""
        depths = [
            (F.normalize(f) - F.normalize(g)).square().sum(1).flatten(1).mean(1) / 2
            for f, g in zip(self.features(a_B3HW), self.features(b_B3HW), strict=True)
        ]
        return torch.stack(depths).mean(0)

    @torch.no_grad()
    def distance(self, a_3HW: Tensor, b_3HW: Tensor) -> float:
        """How different two 8-bit pictures look, as `forward` has it."""
        return self(to_unit(a_3HW[None]), to_unit(b_3HW[None])).item()

    def difference(self, a_B3HW: Tensor, truth_B3HW: Tensor) -> Tensor:
        """The loss of Johnson et al. 2016: squared difference of the raw features, a share of their own power."""
        shares = [
            F.mse_loss(f, g) / g.square().mean().clamp(min=1e-8)
            for f, g in zip(self.features(a_B3HW), self.features(truth_B3HW), strict=True)
        ]
        return torch.stack(shares).mean()
