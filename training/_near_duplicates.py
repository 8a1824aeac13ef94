"""Which test pictures stand in the training set too, nearly: found by what a trained net sees in the middle of its way.

About one test picture of CIFAR-10 in thirty has such a twin (Barz and Denzler 2020, who looked at every pair). Late
features would call all cats alike, raw pixels all bright ones: features from the middle, with their places, tell a
picture from others of its class and forgive a shift or another frame.

How like a twin is, is told by chance: a nearest neighbour of *another* class is none, with rare exceptions. The
threshold is the likeness that `CHANCE` of the test pictures reach with their nearest of another class.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models._hooks import record_activations
from signals.image import to_unit
from training._steps import bfloat16_is_fast

PLACES = 4
"""Of a layer's places along an edge, to how many they are averaged."""
CHANCE = 0.001
"""Of test pictures, how many may be as like a picture of another class as the least like twin."""


class Twins(NamedTuple):
    """Of each test picture its likeness to the nearest training picture, that one's place, and who is a twin, `(B,)`.

    `threshold` is the likeness, a cosine up to 1, from which on it is one.
    """

    likeness_B: Tensor
    nearest_B: Tensor
    is_twin_B: Tensor
    threshold: float


@torch.no_grad()
def signatures(model: nn.Module, layer: str, x_B3HW: Tensor) -> Tensor:
    """`(B, D)`, of length 1: what 8-bit pictures look like at `layer`, averaged to `PLACES` × `PLACES` places."""
    found = []
    for part in x_B3HW.split(500):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_fast("cpu")):
            x_BCHW = to_unit(part).contiguous(memory_format=torch.channels_last)
            seen = record_activations(model, [layer], lambda name, x, y: F.adaptive_avg_pool2d(y, PLACES), x_BCHW)
        found.append(seen[layer].float().flatten(1))
    return torch.cat(found)


def twins(train_ND: Tensor, train_label_N: Tensor, test_BD: Tensor, test_label_B: Tensor) -> Twins:
    """The nearest training picture of each test picture, by signatures less the training set's mean one."""
    mean_D = train_ND.mean(0)
    train_ND, test_BD = (F.normalize(x - mean_D, dim=1) for x in (train_ND, test_BD))
    likeness, nearest, other = [], [], []
    for some_BD, label_B in zip(test_BD.split(500), test_label_B.split(500), strict=True):
        like_BN = some_BD @ train_ND.T
        best_B = like_BN.max(1)
        likeness.append(best_B.values)
        nearest.append(best_B.indices)
        other.append(like_BN.masked_fill(label_B[:, None] == train_label_N, -1).amax(1))
    likeness_B = torch.cat(likeness)
    threshold = torch.cat(other).quantile(1 - CHANCE).item()
    return Twins(likeness_B, torch.cat(nearest), likeness_B > threshold, threshold)
