"""Pictures drawn by a seeded function, in the manner of stained cells and of moles: examples that belong to nobody.

They look like what they are named after as a sketch does. A net that was trained on photographs may read them wrong,
and may say that they do not look like its training data: both are right.
"""

import numpy as np
from PIL import Image, ImageFilter

PAPER = (233, 196, 216)
NUCLEI = {
    "round": {"ink": (72, 46, 122), "axes": (0.23, 0.21), "grain": 0.06},
    "long": {"ink": (104, 72, 150), "axes": (0.46, 0.09), "grain": 0.10},
    "large": {"ink": (138, 108, 178), "axes": (0.40, 0.30), "grain": 0.14},
}
"""Stain, half axes as shares of the picture's side, and how uneven the stain lies."""
MOLES = {
    "even": {"ink": (146, 94, 62), "axes": (0.24, 0.20), "ragged": 0.03, "patches": 0},
    "two-toned": {"ink": (128, 82, 58), "axes": (0.30, 0.25), "ragged": 0.08, "patches": 2},
    "ragged": {"ink": (66, 44, 44), "axes": (0.33, 0.27), "ragged": 0.20, "patches": 5},
}


def cell(kind: str, *, seed: int = 0, side: int = 108) -> Image.Image:
    """One nucleus of a `kind` of `NUCLEI` in the middle of pink tissue, RGB; some pale fibres around it."""
    draw, look = np.random.default_rng(seed), NUCLEI[kind]
    tissue = np.array(PAPER) + 26 * _clouds(draw, side, 6)[..., None] * (0.5, 1.0, 0.6)
    inside = _blob(draw, side, look["axes"], ragged=0.04)
    stain = np.array(look["ink"]) + 255 * look["grain"] * _clouds(draw, side, 14)[..., None]
    rim = np.clip(1 - np.abs(inside - 0.5) * 2, 0, 1)[..., None]  # the membrane takes more stain
    picture = tissue * (1 - inside[..., None]) + stain * inside[..., None] - 34 * rim
    return _finished(picture, draw, blur=side / 70, noise=4)


def mole(kind: str, *, seed: int = 0, side: int = 320) -> Image.Image:
    """One mole of a `kind` of `MOLES` on pale skin, RGB, darker towards the corners as in a dermoscope."""
    draw, look = np.random.default_rng(seed), MOLES[kind]
    skin = np.array((222, 176, 158)) + 12 * _clouds(draw, side, 5)[..., None]
    inside = _blob(draw, side, look["axes"], ragged=look["ragged"])[..., None]
    ink = np.array(look["ink"]) + 22 * _clouds(draw, side, 24)[..., None]
    for _ in range(look["patches"]):
        at = draw.uniform(-0.13, 0.13, 2)
        patch = _blob(draw, side, (0.09, 0.07), ragged=0.2, centre=at)[..., None]
        ink = ink * (1 - 0.75 * patch) + draw.choice([(38, 30, 38), (92, 86, 104), (176, 116, 84)]) * 0.75 * patch
    y, x = _grid(side)
    shade = 1 - 0.9 * np.clip(np.hypot(x, y) - 0.52, 0, 1)[..., None]
    return _finished((skin * (1 - inside) + ink * inside) * shade, draw, blur=side / 260, noise=3)


def _grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates `(y, x)` of every pixel from −0.5 to 0.5."""
    steps = (np.arange(side) + 0.5) / side - 0.5
    return np.meshgrid(steps, steps, indexing="ij")  # type: ignore[return-value]


def _blob(
    draw: np.random.Generator,
    side: int,
    axes: tuple[float, float],
    *,
    ragged: float,
    centre: tuple[float, float] | np.ndarray = (0.0, 0.0),
) -> np.ndarray:
    """`(side, side)`: 1 inside a turned ellipse whose edge wanders by `ragged` of its radius, 0 outside."""
    y, x = (c - at for c, at in zip(_grid(side), centre, strict=True))
    turn = draw.uniform(0, np.pi)
    u, v = (np.cos(turn) * x + np.sin(turn) * y) / axes[0], (np.cos(turn) * y - np.sin(turn) * x) / axes[1]
    angle = np.arctan2(v, u)
    waves = sum(draw.normal() * np.cos(k * angle + draw.uniform(0, 2 * np.pi)) / k for k in range(2, 8))
    return 1 / (1 + np.exp((np.hypot(u, v) - 1 - ragged * waves) * 14))


def _clouds(draw: np.random.Generator, side: int, cells: int) -> np.ndarray:
    """`(side, side)` smooth noise of about unit deviation, `cells` bumps across."""
    coarse = Image.fromarray(draw.normal(size=(cells, cells)).astype(np.float32))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))


def _finished(picture: np.ndarray, draw: np.random.Generator, *, blur: float, noise: float) -> Image.Image:
    pixels = (picture + noise * draw.normal(size=picture.shape)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(blur))
