"""Whether a heat map tells the truth: remove what it calls hot, reset the weights behind it, or lay an outline over it.

For any input `x_BCX` with one, two or three dimensions of place, and any heat `(B, *X)`, whatever method it came from:
deletion and insertion (Petsiuk et al. 2018), the cascading randomised-weights check (Adebayo et al. 2018), and the
energy-based pointing game (Wang et al. 2020). A map that beats no random map explains nothing.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

Score = Callable[[Tensor], Tensor]
"""From inputs `x_BCX` to probabilities, or other scores, `(B, C)`."""
BLUR = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


class Probe(NamedTuple):
    """One removal: the score before, after removing what is hot, and after removing as much at random, each `(B,)`."""

    before_B: Tensor
    after_B: Tensor
    random_B: Tensor


class Curve(NamedTuple):
    """Scores `(K, B)` at the shares `(K,)` of the input that were removed or shown, 0 to 1."""

    share_K: Tensor
    score_KB: Tensor

    def area(self) -> Tensor:
        """`(B,)`: the area under each curve by the trapezoidal rule, in units of the score."""
        return torch.trapezoid(self.score_KB, self.share_K, dim=0)


def ranks(heat_BX: Tensor) -> Tensor:
    """`(B, *X)`: 0 for the hottest place, up to the number of places less one; of equals, the earlier is the hotter."""
    flat_BN = heat_BX.flatten(1)
    order_BN = flat_BN.argsort(dim=1, descending=True, stable=True)
    places_N = torch.arange(flat_BN.shape[1], device=flat_BN.device)
    return torch.empty_like(order_BN).scatter_(1, order_BN, places_N.expand_as(order_BN)).view_as(heat_BX)


def hottest(heat_BX: Tensor, share: float, *, within_BX: Tensor | None = None) -> Tensor:
    """`(B, *X)` bool: exactly that share of each map's places, or of those in the mask `within`, the hottest."""
    if within_BX is None:
        return ranks(heat_BX) < round(share * heat_BX[0].numel())
    count_B = (share * within_BX.flatten(1).sum(1)).round()
    return ranks(heat_BX.masked_fill(~within_BX, -torch.inf)) < count_B.view(-1, *(heat_BX.ndim - 1) * (1,))


def replaced(x_BCX: Tensor, where_BX: Tensor, filling_BCX: Tensor | float) -> Tensor:
    """`x`, `(B, C, *X)`, with every channel of the marked places taken from `filling`."""
    return torch.where(where_BX[:, None], torch.as_tensor(filling_BCX, dtype=x_BCX.dtype, device=x_BCX.device), x_BCX)


def mean_filling(x_BCX: Tensor) -> Tensor:
    """`(B, C, 1, …)`: each channel's mean, which removes a place without putting black there."""
    return x_BCX.mean(tuple(range(2, x_BCX.ndim)), keepdim=True)


def blurred(x_BCX: Tensor, *, radius: int) -> Tensor:
    """`(B, C, *X)`: each place the mean of those within `radius`, twice; fills a place where details are to go."""
    pool = BLUR[x_BCX.ndim - 2]
    for _ in range(2):
        x_BCX = pool(x_BCX, 2 * radius + 1, stride=1, padding=radius, count_include_pad=False)
    return x_BCX


def random_heat(heat_BX: Tensor, *, seed: int, grain: int = 1) -> Tensor:
    """A map `(B, *X)` that knows nothing: noise in blobs `grain` places wide, one draw from `seed` for each input."""
    draw = torch.Generator().manual_seed(seed)
    coarse = [max(1, -(-length // grain)) for length in heat_BX.shape[1:]]
    noise = torch.rand(len(heat_BX), 1, *coarse, generator=draw).to(heat_BX.device)
    mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[heat_BX.ndim - 1]
    return F.interpolate(noise, heat_BX.shape[1:], mode=mode, align_corners=False)[:, 0]


def displaced(heat_BX: Tensor, *, seed: int, within_BX: Tensor | None = None) -> Tensor:
    """The same map `(B, *X)` laid down elsewhere: rolled and mirrored at random, its grain and its shapes kept.

    The strictest of random maps: what tells the map from it is only that the heat lies in the right place. With a mask
    `within` it is rolled from one place of the mask to another, so that what was hot in the mask still lies on it.
    """
    draw = torch.Generator().manual_seed(seed)
    places = tuple(range(1, heat_BX.ndim))
    if within_BX is not None:
        return torch.stack([_moved(*one, draw) for one in zip(heat_BX, within_BX, strict=True)])
    shifts = [int(torch.randint(length, (), generator=draw)) for length in heat_BX.shape[1:]]
    mirrored = [place for place in places if torch.rand((), generator=draw) < 0.5]
    return heat_BX.roll(shifts, places).flip(mirrored)


def _moved(heat_X: Tensor, within_X: Tensor, draw: torch.Generator) -> Tensor:
    at_NP = within_X.nonzero().cpu()
    from_P, to_P = at_NP[torch.randint(len(at_NP), (2,), generator=draw)]
    mirrored_P = torch.rand(heat_X.ndim, generator=draw) < 0.5
    from_P = torch.where(mirrored_P, torch.tensor(heat_X.shape) - 1 - from_P, from_P)
    return heat_X.flip(mirrored_P.nonzero()[:, 0].tolist()).roll((to_P - from_P).tolist(), tuple(range(heat_X.ndim)))


def spread(heat_BX: Tensor, within_BX: Tensor) -> Tensor:
    """`(B, *X)`: at each place the heat of the nearest place in the mask, so that the map is known all around it.

    Raises ValueError where a mask is empty.
    """
    from scipy import ndimage  # not on the way of the first page

    if not bool(within_BX.flatten(1).any(1).all()):
        raise ValueError("There is no place within the mask: a map has nowhere to be checked.")
    found = []
    for heat_X, within_X in zip(heat_BX, within_BX.cpu().numpy(), strict=True):
        nearest_PX = ndimage.distance_transform_edt(~within_X, return_distances=False, return_indices=True)
        found.append(heat_X[tuple(torch.from_numpy(np.asarray(nearest_PX)).long().to(heat_X.device))])
    return torch.stack(found)


@torch.no_grad()
def probe(
    score: Score,
    x_BCX: Tensor,
    heat_BX: Tensor,
    target_B: Tensor | int,
    *,
    share: float = 0.2,
    filling: Callable[[Tensor], Tensor | float] = mean_filling,
    control: Callable[..., Tensor] = displaced,
    rounds: int = 8,
    seed: int = 0,
    within_BX: Tensor | None = None,
) -> Probe:
    """Remove the hottest `share`, and as much by `rounds` random maps (`displaced` or `random_heat`), their mean.

    With a mask `within`, bool, both are shares of its places, and nothing beyond it is removed; of equals a drawn one
    goes first, since by place they would all go on one side. `(B,)` of each.
    """
    fill = filling(x_BCX)
    if within_BX is not None:
        largest_B1 = heat_BX.abs().amax(tuple(range(1, heat_BX.ndim)), keepdim=True)
        heat_BX = heat_BX + 1e-6 * largest_B1 * random_heat(heat_BX, seed=seed)
    target = lambda p_BC: _of(p_BC, target_B)  # noqa: E731
    removed = lambda map_BX: replaced(x_BCX, hottest(map_BX, share, within_BX=within_BX), fill)  # noqa: E731
    after_B = target(score(removed(heat_BX)))
    if within_BX is not None and control is displaced:
        heat_BX, control = spread(heat_BX, within_BX), partial(displaced, within_BX=within_BX)
    at_random = [target(score(removed(control(heat_BX, seed=seed + i)))) for i in range(rounds)]
    return Probe(target(score(x_BCX)), after_B, torch.stack(at_random).mean(0))


@torch.no_grad()
def deletion(
    score: Score,
    x_BCX: Tensor,
    heat_BX: Tensor,
    target_B: Tensor | int,
    *,
    steps: int = 20,
    filling: Callable[[Tensor], Tensor | float] = mean_filling,
) -> Curve:
    """The score as the hottest places go first: a small area says that the map found what mattered."""
    return _curve(score, x_BCX, filling(x_BCX), ranks(heat_BX), target_B, steps)


@torch.no_grad()
def insertion(
    score: Score,
    x_BCX: Tensor,
    heat_BX: Tensor,
    target_B: Tensor | int,
    *,
    steps: int = 20,
    filling: Callable[[Tensor], Tensor | float] = mean_filling,
) -> Curve:
    """The score as the hottest places come first, onto `filling`: a large area says that they are enough."""
    start_BCX = torch.as_tensor(filling(x_BCX)).expand_as(x_BCX)
    return _curve(score, start_BCX, x_BCX, ranks(heat_BX), target_B, steps)


def energy_inside(heat_BX: Tensor, mask_BX: Tensor) -> Tensor:
    """`(B,)`: the share of a map's positive heat inside the mask; a map without heat gives the mask's area."""
    heat_BX = heat_BX.clamp(min=0)
    places = tuple(range(1, heat_BX.ndim))
    inside_B, all_B = (heat_BX * mask_BX).sum(places), heat_BX.sum(places)
    return torch.where(all_B > 0, inside_B / all_B.clamp(min=1e-30), mask_BX.double().mean(places).to(heat_BX.dtype))


def spearman(a_BX: Tensor, b_BX: Tensor) -> Tensor:
    """`(B,)`: the rank correlation of two maps, −1 to 1, ties sharing their mean rank; 0 where one of them is flat."""
    a_BN, b_BN = (torch.stack([_mean_ranks(one.flatten()) for one in m]) for m in (a_BX, b_BX))
    a_BN, b_BN = a_BN - a_BN.mean(1, keepdim=True), b_BN - b_BN.mean(1, keepdim=True)
    return (a_BN * b_BN).sum(1) / (a_BN.norm(dim=1) * b_BN.norm(dim=1)).clamp(min=1e-12)


def randomized_cascade(
    model: nn.Module, *, stages: Sequence[str] | None = None, seed: int = 0
) -> Iterator[tuple[str, nn.Module]]:
    """The net with its layers reset one after another, from the head backwards.

    Yields the name of the stage that went last and the net as it then is: the same copy every time, so use it before
    asking for the next. `stages` are the modules that go one by one, in the net's order; without them every layer is
    one. Weights come from each layer's own initialiser and a random state that nobody else sees.
    """
    net = copy.deepcopy(model).eval()
    stages = stages or [name for name, module in net.named_modules() if hasattr(module, "reset_parameters")]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        state = torch.get_rng_state()
    for name in reversed(stages):
        with torch.random.fork_rng():  # not over the yield: what follows it draws from its own
            torch.set_rng_state(state)
            for module in net.get_submodule(name).modules():
                if hasattr(module, "reset_parameters"):
                    module.reset_parameters()  # type: ignore[operator]
            state = torch.get_rng_state()
        yield name, net


def cascading_randomization(
    model: nn.Module, explain: Callable[[nn.Module], Tensor], *, stages: Sequence[str] | None = None, seed: int = 0
) -> Iterator[tuple[str, Tensor, Tensor]]:
    """The randomised-weights check: after each layer that is reset, its name, the map, and its likeness to the first.

    `explain` gives a net's map `(B, *X)`; the likeness `(B,)` is Spearman's. A map that stays alike while the weights
    go does not show what the net has learnt.
    """
    whole_BX = explain(model)
    for name, net in randomized_cascade(model, stages=stages, seed=seed):
        heat_BX = explain(net)
        yield name, heat_BX, spearman(whole_BX, heat_BX)


def _curve(
    score: Score, from_BCX: Tensor, to_BCX: Tensor | float, rank_BX: Tensor, target_B: Tensor | int, steps: int
) -> Curve:
    """The score at `steps` + 1 shares of the way from one input to another, hottest places first."""
    share_K = torch.linspace(0, 1, steps + 1, device=from_BCX.device)
    n = rank_BX[0].numel()
    found = [_of(score(replaced(from_BCX, rank_BX < round(k * n), to_BCX)), target_B) for k in share_K.tolist()]
    return Curve(share_K, torch.stack(found))


def _of(p_BC: Tensor, target_B: Tensor | int) -> Tensor:
    """Each input's score for its own target."""
    if isinstance(target_B, int):
        return p_BC[:, target_B]
    return p_BC.gather(1, target_B[:, None])[:, 0]


def _mean_ranks(values_N: Tensor) -> Tensor:
    """Ranks from 1, equals sharing the mean of theirs."""
    _, which_N, count_K = values_N.double().unique(return_inverse=True, return_counts=True)
    return (count_K.cumsum(0) - (count_K - 1) / 2)[which_N]  # the last rank of each value, less half of its run
