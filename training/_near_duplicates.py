"""Which test pictures stand in the training set too, nearly: found by what a trained net sees in the middle of its way.

About one test picture of CIFAR-10 in thirty has such a twin (Barz and Denzler 2020, who looked at every candidate).
Late features would call all cats alike, raw pixels all bright pictures: features from the middle, with their places,
tell a picture from others of its class and forgive a shift or another frame.

A bird in the sky is near to a hundred others, and is nobody's twin. So what counts is how much nearer the nearest
picture is than the `CROWD`th (Lowe 2004 tells matches so). How much it must be is told by chance: among pictures of
*other* classes there are no twins, with rare exceptions, and the threshold is the ratio that `CHANCE` of the test
pictures fall under there.
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
CROWD = 20
"""The nearest picture is held against the so-manieth: a twin seldom comes in as many copies."""
CHANCE = 0.0005
"""Of test pictures, how many pass for twins of a picture of another class."""
FLOOR = 0.3
"""Of the mean deviation: what is added to a number's own, so that one that hardly stirs counts little."""


class Twins(NamedTuple):
    """Of each test picture how much nearer its nearest training picture is than the crowd, and who is a twin, `(B,)`.

    `ratio_B` is of distances, 0 to 1; under `threshold` it is a twin; `nearest_B` is the nearest one's place.
    """

    ratio_B: Tensor
    nearest_B: Tensor
    is_twin_B: Tensor
    threshold: float


@torch.no_grad()
def signatures(model: nn.Module, layer: str, x_B3HW: Tensor) -> Tensor:
    """`(B, D)`: what 8-bit pictures look like at `layer`, averaged to `PLACES` × `PLACES` places."""
    found = []
    for part in x_B3HW.split(500):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_fast("cpu")):
            x_BCHW = to_unit(part).contiguous(memory_format=torch.channels_last)
            seen = record_activations(model, [layer], lambda name, x, y: F.adaptive_avg_pool2d(y, PLACES), x_BCHW)
        found.append(seen[layer].float().flatten(1))
    return torch.cat(found)


def twins(train_ND: Tensor, train_label_N: Tensor, test_BD: Tensor, test_label_B: Tensor) -> Twins:
    """The nearest training picture of each test picture, by standardised signatures' directions."""
    mean_D, deviation_D = train_ND.mean(0), train_ND.std(0)
    scale_D = deviation_D + FLOOR * deviation_D.mean()
    train_ND, test_BD = (F.normalize((x - mean_D) / scale_D, dim=1) for x in (train_ND, test_BD))
    ratio, nearest, chance = [], [], []
    for some_BD, label_B in zip(test_BD.split(500), test_label_B.split(500), strict=True):
        like_BN = some_BD @ train_ND.T
        ratio.append(_ratio(like_BN))
        nearest.append(like_BN.argmax(1))
        chance.append(_ratio(like_BN.masked_fill(label_B[:, None] == train_label_N, -1)))
    ratio_B = torch.cat(ratio)
    threshold = torch.cat(chance).quantile(CHANCE).item()
    return Twins(ratio_B, torch.cat(nearest), ratio_B < threshold, threshold)


def _ratio(like_BN: Tensor) -> Tensor:
    """`(B,)`: the distance to the most like over that to the `CROWD`th, from cosines."""
    nearest_BK = like_BN.topk(CROWD, dim=1).values.clamp(max=1)
    return ((1 - nearest_BK[:, 0]) / (1 - nearest_BK[:, -1]).clamp(min=1e-6)).sqrt()
