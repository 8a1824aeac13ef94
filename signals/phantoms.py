"""Heads that no scanner saw: ellipses painted with the brightness that tissues have in two contrasts, and a lesion.

Shepp and Logan's head (1974) in Toft's version, and heads drawn at random. They know nothing of anatomy: what they have
is an exact truth, in both contrasts, registered, with the lesion's outline.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

BRIGHTNESS = {
    "ground": (0.01, 0.01),
    "fat": (0.80, 0.90),
    "bone": (0.06, 0.05),
    "grey": (0.28, 0.48),
    "white": (0.36, 0.40),
    "fluid": (0.10, 0.09),
    "nucleus": (0.31, 0.52),
    "lesion": (0.20, 0.80),
}
"""Each tissue before contrast agent and in FLAIR, where 1 is full: a lesion is dark in one and bright in the other."""
FINER = 4
"""Points each way that are averaged into a pixel."""


class Phantom(NamedTuple):
    """One drawn slice: both contrasts `(H, W)` in [0, 1], and where the lesion is `(H, W)` bool."""

    pre_contrast_HW: Tensor
    flair_HW: Tensor
    lesion_HW: Tensor


class Ellipse(NamedTuple):
    """A tissue inside an ellipse: centre and half axes `(x, y)` in a square from −1 to 1, y up, turned in degrees."""

    tissue: str
    centre: tuple[float, float]
    axes: tuple[float, float]
    turn: float = 0.0


SHEPP_LOGAN = (
    Ellipse("fat", (0, 0), (0.69, 0.92)),
    Ellipse("grey", (0, -0.0184), (0.6624, 0.874)),
    Ellipse("fluid", (0.22, 0), (0.11, 0.31), -18),
    Ellipse("fluid", (-0.22, 0), (0.16, 0.41), 18),
    Ellipse("lesion", (0, 0.35), (0.21, 0.25)),
    Ellipse("nucleus", (0, 0.1), (0.046, 0.046)),
    Ellipse("nucleus", (0, -0.1), (0.046, 0.046)),
    Ellipse("nucleus", (-0.08, -0.605), (0.046, 0.023)),
    Ellipse("nucleus", (0, -0.606), (0.023, 0.023)),
    Ellipse("nucleus", (0.06, -0.605), (0.023, 0.046)),
)
"""Toft 1996; the large ellipse at the front, which he made a tenth brighter than the brain, is the lesion here."""


def shepp_logan(*, side: int = 128) -> Phantom:
    """Shepp and Logan's ten ellipses in two contrasts."""
    return painted(SHEPP_LOGAN, side=side)


def head(*, seed: int, lesion: float = 0.2, side: int = 128) -> Phantom:
    """A head of ellipses at random: fat, bone, brain, ventricles, and a lesion of about that half axis (0: none).

    Uneven in brightness as a coil makes it, and a little noisy; the same seed draws the same head.
    """
    draw = np.random.default_rng(seed)
    wide, tall = draw.uniform(0.60, 0.72), draw.uniform(0.78, 0.88)
    tilt = draw.uniform(-8, 8)
    parts = [
        Ellipse("fat", (0, 0), (wide, tall), tilt),
        Ellipse("bone", (0, 0), (wide - 0.07, tall - 0.07), tilt),
        Ellipse("grey", (0, 0), (wide - 0.11, tall - 0.11), tilt),
        Ellipse("white", (0, 0), (wide - 0.22, tall - 0.22), tilt),
    ]
    for angle in np.arange(0, 360, 20) + draw.uniform(0, 20):  # folds that reach in from the rim
        at = np.deg2rad(angle)
        place = ((wide - 0.25) * np.cos(at), (tall - 0.25) * np.sin(at))
        parts.append(Ellipse("grey", place, (draw.uniform(0.06, 0.13), draw.uniform(0.03, 0.05)), angle))
    parts += [Ellipse("fluid", (0, y), (0.010, 0.16), tilt) for y in (tall - 0.28, -tall + 0.28)]
    gap, reach = draw.uniform(0.09, 0.13), draw.uniform(0.22, 0.32)
    for sign in (-1, 1):
        parts.append(Ellipse("fluid", (sign * gap, 0.04), (0.05, reach), -sign * draw.uniform(8, 20)))
        parts.append(Ellipse("nucleus", (sign * (gap + 0.14), 0.02), (0.07, 0.13), sign * 12))
    if lesion:
        at, far = draw.uniform(0, 2 * np.pi), draw.uniform(0.45, 0.6)
        place = (far * (wide - 0.22) * np.cos(at), far * (tall - 0.22) * np.sin(at))
        for _ in range(3):  # several overlap, so that its outline is no ellipse
            off = draw.normal(0, 0.25 * lesion, 2)
            axes = (lesion * draw.uniform(0.6, 1), lesion * draw.uniform(0.6, 1))
            parts.append(Ellipse("lesion", (place[0] + off[0], place[1] + off[1]), axes, draw.uniform(0, 180)))
    return _scanned(painted(tuple(parts), side=side), draw)


def painted(parts: tuple[Ellipse, ...], *, side: int) -> Phantom:
    """The ellipses over one another in their order, antialiased; a pixel that is mostly lesion counts as lesion."""
    steps = (np.arange(side * FINER) + 0.5) / (side * FINER) * 2 - 1
    y, x = np.meshgrid(-steps, steps, indexing="ij")
    names = list(BRIGHTNESS)
    tissue = np.zeros(x.shape, dtype=np.int64)
    for part in parts:
        turn = np.deg2rad(part.turn)
        dx, dy = x - part.centre[0], y - part.centre[1]
        u = (np.cos(turn) * dx + np.sin(turn) * dy) / part.axes[0]
        v = (np.cos(turn) * dy - np.sin(turn) * dx) / part.axes[1]
        tissue[u * u + v * v <= 1] = names.index(part.tissue)
    levels = np.array(list(BRIGHTNESS.values()), dtype=np.float32)[tissue]
    pre_contrast, flair = (_coarser(levels[..., i]) for i in (0, 1))
    return Phantom(pre_contrast, flair, _coarser(tissue == names.index("lesion")) > 0.5)


def _coarser(x: np.ndarray) -> Tensor:
    side = len(x) // FINER
    return torch.from_numpy(x.reshape(side, FINER, side, FINER).mean((1, 3), dtype=np.float32))


def _scanned(phantom: Phantom, draw: np.random.Generator) -> Phantom:
    """The phantom with the uneven brightness and the noise of a scanner, drawn for each contrast."""
    side = len(phantom.lesion_HW)
    y, x = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side), indexing="ij")
    found = []
    for clean_HW in (phantom.pre_contrast_HW, phantom.flair_HW):
        field = 1 + draw.normal(0, 0.05) * x + draw.normal(0, 0.05) * y - 0.06 * (x * x + y * y)
        noise = draw.normal(0, 0.008, (side, side))
        found.append((clean_HW * torch.from_numpy(field).float() + torch.from_numpy(noise).float()).clamp(0, 1))
    return Phantom(found[0], found[1], phantom.lesion_HW)
