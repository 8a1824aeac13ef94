"""Where transfer fails: the same picture in another light and on another ground, for the nets and for the colours alone."""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from demos._ui.nets import Net
from demos.transfer import groceries, nets
from demos.transfer.groceries import Grocery
from demos.transfer.nets import COLOURS, Own
from signals.colours import on_ground, tinted
from signals.image import to_unit

TINTS = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
"""Stops of red's light over blue's: 0 is as photographed; a lamp against a blue sky is about 2."""
KEPT = (1.0, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1)
"""Shares of the area that stay when the rest becomes another ground."""
GREY, SHELF, CAT = GROUNDS = ("Plain grey", "Yoghurt on a shelf", "A cat")


class Falls(NamedTuple):
    """The class's probability at each of `TINTS` and of `KEPT`, by who is asked."""

    tints: Mapping[str, list[float]]
    kept: Mapping[str, list[float]]


class Fallen(NamedTuple):
    """The curves of one picture, class, ground and net, which `key` names."""

    key: tuple[str, int, str, str]
    falls: Falls


def changed(x_3HW: Tensor, tint: float, kept: float, ground: str) -> Tensor:
    """`(3, H, W)` uint8: the picture's middle on another ground, and all of it in another light."""
    return tinted(on_ground(x_3HW[None], ground_of(ground), kept), tint)[0]


def ground_of(name: str) -> Tensor:
    """`(3, SIDE, SIDE)` uint8; ValueError where there is no such ground."""
    if name not in GROUNDS:
        raise ValueError(f"There is no ground “{name}”. There are: {', '.join(GROUNDS)}.")
    if name == GREY:
        return torch.full((3, groceries.SIDE, groceries.SIDE), 128, dtype=torch.uint8)
    return groceries.example("yoghurt" if name == SHELF else "cat.jpg").x_3HW


def asked(own: Own) -> dict[str, Any]:
    """Who answers: the leading backbone, and the colours alone, each by 8-bit pictures `(B, 3, H, W)`."""
    found: dict[str, Any] = {}
    if nets.LEAD in (present := nets.here(own)):
        found[nets.TITLES[nets.LEAD]] = partial(_by_net, present[nets.LEAD])
    if colours := nets.colour_net():
        found[COLOURS] = partial(nets.colour_probabilities, colours)
    return found


def _by_net(net: Net[Any], x_B3HW: Tensor) -> Tensor:
    return torch.cat([nets.probabilities(net, to_unit(part)) for part in x_B3HW.split(8)])


def answers(x_3HW: Tensor, own: Own) -> dict[str, Tensor]:
    """What each says of a changed picture, `(C,)`."""
    return {name: ask(x_3HW[None])[0] for name, ask in asked(own).items()}


def falls(picture: Grocery, target: int, ground: str, own: Own, known: Fallen | None = None) -> Fallen:
    """How the class's probability goes with the light, and with how much of the middle is kept; what is `known` stays."""
    key = (hashlib.sha256(picture.x_3HW.numpy().tobytes()).hexdigest(), target, ground, own.key if own else "")
    if known is not None and known.key == key:
        return known
    light = torch.stack([tinted(picture.x_3HW[None], tint)[0] for tint in TINTS])
    smaller = torch.stack([on_ground(picture.x_3HW[None], ground_of(ground), kept)[0] for kept in KEPT])
    who = asked(own)
    curves = Falls(
        {name: ask(light)[:, target].tolist() for name, ask in who.items()},
        {name: ask(smaller)[:, target].tolist() for name, ask in who.items()},
    )
    return Fallen(key, curves)


def first_to_fall(levels: Mapping[str, list[float]], stops: tuple[float, ...], at: float) -> dict[str, float | None]:
    """By who is asked, the change nearest to `at` (nothing changed) at which the class is below a half; None where never."""
    found: dict[str, float | None] = {}
    for name, values in levels.items():
        below = [stop for stop, p in zip(stops, values, strict=True) if p < 0.5]
        found[name] = min(below, key=lambda stop: abs(stop - at), default=None)
    return found
