"""Where each backbone looked: Grad-CAM at its last stage, and whether that map holds."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from demos._ui.nets import Net
from demos.transfer import nets
from demos.transfer.groceries import Grocery
from demos.transfer.nets import Own, Reading
from explanation import faithfulness
from explanation.gradcam import gradcam
from signals.image import to_unit

HOTTEST, ROUNDS = 0.2, 8
"""The share of a picture that a map's check blanks out, and how many displaced maps it is held against."""
LEAST = 0.02
"""Points of probability that the hot places must cost, and more than as many elsewhere do."""


@dataclass(frozen=True)
class Look:
    """One backbone's Grad-CAM for a class, and its check: the probability before, without the hottest fifth, and
    without the same map laid down elsewhere (mean of eight)."""

    title: str
    heat_HW: Tensor
    before: float
    after: float
    elsewhere: float

    @property
    def holds(self) -> bool | None:
        """None where there is nothing to check: an empty map, or a class that the net hardly believes in."""
        if not self.heat_HW.any() or self.before < 0.05:
            return None
        return min(self.elsewhere, self.before) - self.after > LEAST


def look(name: str, net: Net[Any], picture: Grocery, target: int) -> Look:
    """Where a backbone's last stage found the class, and whether that holds."""
    x_1CHW = to_unit(picture.x_3HW[None])
    heat_HW = gradcam(net.model, net.model.layers()[-1], x_1CHW, target)[0]
    found = faithfulness.probe(
        partial(_once, net), x_1CHW, heat_HW[None], target, share=HOTTEST, control=faithfulness.displaced, rounds=ROUNDS
    )
    values = (found.before_B.item(), found.after_B.item(), found.random_B.item())
    return Look(nets.TITLES[name], heat_HW, *values)


def looks(reading: Reading, target: int, own: Own) -> list[Look]:
    """Each backbone's map of one class."""
    return [look(name, net, reading.picture, target) for name, net in nets.here(own).items() if name in nets.BACKBONES]


@torch.no_grad()
def _once(net: Net[Any], x_BCHW: Tensor) -> Tensor:
    """As `probabilities`, of the picture alone: a map lies on that and not on its mirror image."""
    return (net.model(x_BCHW) / net.evidence["temperature"]).softmax(1)
