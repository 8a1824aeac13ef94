"""Explanations of a solid's shape: a ball bitten out of it place by place, and a map's verdict on its own surface.

Empty space proves nothing: where nothing is, nothing can be removed.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from explanation.faithfulness import Probe, Score, probe
from signals.volume import bitten, surface

MOST_BALLS = 350
"""That are bitten out of one volume, one after another: a forward pass each."""
BATCH = 16


@torch.no_grad()
def ball_occlusion(
    score: Score, x_B1DHW: Tensor, target_B: Tensor | int, *, radius: float = 5, stride: float = 4
) -> Tensor:
    """How much the score falls `(B, D, H, W)` when a ball about each place is bitten out, in units of the score.

    Asked on a grid whose places lie about `stride` voxels apart, and trilinear between them. Where the ball would touch
    nothing the answer is 0 without asking; where more than `MOST_BALLS` touch something the grid is made wider.
    """
    targets = [target_B] * len(x_B1DHW) if isinstance(target_B, int) else target_B.tolist()
    return torch.stack([_bitten_out(score, x, k, radius, stride) for x, k in zip(x_B1DHW, targets, strict=True)])


def _bitten_out(score: Score, x_1DHW: Tensor, target: int, radius: float, stride: float) -> Tensor:
    mark_N3, centre_N3, coarse = _balls(x_1DHW[0] != 0, radius, stride)
    fall = torch.zeros(coarse, device=x_1DHW.device)
    if len(mark_N3):
        before = score(x_1DHW[None])[0, target]
        after = [
            score(torch.stack([bitten(x_1DHW, centre, radius) for centre in batch.tolist()]))[:, target]
            for batch in torch.split(centre_N3, BATCH)
        ]
        fall[mark_N3.unbind(1)] = (before - torch.cat(after)).to(fall.dtype)
    return F.interpolate(fall[None, None], x_1DHW.shape[1:], mode="trilinear", align_corners=False)[0, 0]


def _balls(inside_DHW: Tensor, radius: float, stride: float) -> tuple[Tensor, Tensor, list[int]]:
    """Those balls of a grid that touch something: places in it and in voxels, each `(N, 3)`, and the grid's size."""
    sides = torch.tensor(inside_DHW.shape)
    surface_M3 = surface(inside_DHW).nonzero().cpu().float()
    while True:
        coarse = [max(1, round(length / stride)) for length in inside_DHW.shape]
        mark_N3 = torch.cartesian_prod(*(torch.arange(n) for n in coarse))
        centre_N3 = (mark_N3 + 0.5) * sides / torch.tensor(coarse) - 0.5  # where interpolation takes them to lie
        touches_N = inside_DHW.cpu()[centre_N3.round().long().unbind(1)]
        if len(surface_M3):
            near = [(torch.cdist(some, surface_M3) <= radius).any(1) for some in centre_N3.split(64)]
            touches_N = touches_N | torch.cat(near)
        if touches_N.sum() <= MOST_BALLS:
            return mark_N3[touches_N], centre_N3[touches_N], coarse
        stride *= 1.2


def surface_probe(
    score: Score, x_B1DHW: Tensor, heat_BDHW: Tensor, target_B: Tensor | int, *, share: float = 0.2, rounds: int = 8
) -> Probe:
    """Wear the solid down where the map is hot: the hottest `share` of its surface set to 0, against as much elsewhere.

    The surface is the voxels inside with a neighbour outside; a removal is one voxel deep, alike for the map and for
    the random ones, which are the map itself laid down elsewhere on that surface. Each `(B,)`. Raises ValueError where
    a volume is empty.
    """
    return probe(
        score, x_B1DHW, heat_BDHW, target_B,
        share=share, rounds=rounds, within_BX=surface(x_B1DHW[:, 0] > 0), filling=torch.zeros_like,
    )  # fmt: skip
