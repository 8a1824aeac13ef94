"""Pictures at the work bench of super-resolution: read, shrunk, enlarged tile by tile, looked at closely, measured.

Pixels are uint8 tensors `(3, H, W)` throughout; only a tile at a time is in float.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from metrics.pictures import error_db, radial_spectrum_db
from models._checkpoint import CheckpointMissing, shared
from models.perceptual import Perceptual
from models.super_resolution import SCALE, SRCNN, Enlarge, SubPixelNet, in_colour, luma_fidelity, tiles
from signals import image
from signals.luma import broadcast_luma, doubled
from training._run import Run
from training.data import bsds500, imagenet
from training.data._root import DataDamaged, DataMissing
from training.data.pictures import even, halved
from training.recipes import srcnn, srcnn_perceptual, super_resolution

BICUBIC = "Bicubic"
NETS: dict[str, tuple[type[nn.Module], str]] = {
    "Sub-pixel net": (SubPixelNet, super_resolution.recipe.name),
    "SRCNN": (SRCNN, srcnn.recipe.name),
    "SRCNN, perceptual": (SRCNN, srcnn_perceptual.recipe.name),
}
OURS = next(iter(NETS))
RECIPES = {name: recipe.recipe for name, recipe in zip(NETS, (super_resolution, srcnn, srcnn_perceptual), strict=True)}
TILE = 192
"""Small pixels a side of one tile's own part."""
LARGEST_RESULT = 4 * image.MAX_PIXELS
SMALLEST_TEST = 16
"""Pixels: what SSIM's window and the shaved edge need."""
SPOT = 40
"""Small pixels a side of what the magnifier shows."""
THUMBNAIL = 420
SHOWN = (1200, 900)
"""At most so many pixels of a result are handed to the page at once; the rest is in the file."""


@dataclass(frozen=True)
class Picture:
    """What a visitor brought: colours, transparency if there is any, and whether it was grey."""

    x_3HW: Tensor
    alpha_HW: Tensor | None
    grey: bool
    title: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.x_3HW.shape[2], self.x_3HW.shape[1]

    @classmethod
    def of(cls, picture: Image.Image, title: str) -> Picture:
        """From Pillow's L, LA, RGB or RGBA."""
        alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
        return cls(
            torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).contiguous(),
            None if alpha is None else torch.from_numpy(np.array(alpha)),
            picture.mode in ("L", "LA"),
            title,
        )

    def pillow(self) -> Image.Image:
        """As Pillow has it, in the mode that it came in."""
        picture = image.from_rgb(self.x_3HW).convert("L" if self.grey else "RGB")
        if self.alpha_HW is not None:
            picture.putalpha(Image.fromarray(self.alpha_HW.numpy()))
        return picture

    def with_pixels(self, x_3HW: Tensor) -> Picture:
        """Other pixels of the same kind: the transparency is enlarged or shrunk with them, bicubic."""
        alpha_HW = self.alpha_HW
        if alpha_HW is not None and alpha_HW.shape != x_3HW.shape[1:]:
            size = (x_3HW.shape[2], x_3HW.shape[1])
            layer = Image.fromarray(alpha_HW.numpy()).resize(size, Image.Resampling.BICUBIC)
            alpha_HW = torch.from_numpy(np.array(layer))
        return replace(self, x_3HW=x_3HW, alpha_HW=alpha_HW)


@dataclass(frozen=True)
class Work:
    """One piece of work: the small picture, the sharp one where it is known, and how far it is to be enlarged."""

    small: Picture
    truth: Picture | None
    factor: int

    @property
    def steps(self) -> int:
        """How often the size is doubled."""
        return self.factor // 2 if self.factor > 1 else 0


@dataclass(frozen=True)
class Restored:
    """What came out for one piece of work by one net, and how long it took."""

    work: Work
    picture: Picture
    net: str
    seconds: float


@dataclass(frozen=True)
class Own:
    """A net that a visitor has trained, and for which of `NETS` it stands in."""

    model: nn.Module
    title: str


def read(path: str | Path, title: str | None = None) -> Picture:
    """A picture file; ValueError in a visitor's words where it cannot be read."""
    return Picture.of(image.read_whole(path), title or Path(path).name)


def test_work(picture: Picture) -> Work:
    """Shrink the picture to half, so that what is restored can be compared with it; ValueError if it is too small."""
    if min(picture.size) < SMALLEST_TEST:
        raise ValueError(
            f"This picture is too small to be tested: {SMALLEST_TEST} × {SMALLEST_TEST} pixels at least, since it is first "
            "shrunk to half. Choose “Enlarge”, or a larger picture."
        )
    width, height = (length // 2 * 2 for length in picture.size)
    alpha_HW = None if picture.alpha_HW is None else picture.alpha_HW[:height, :width]
    truth = replace(picture, x_3HW=picture.x_3HW[:, :height, :width], alpha_HW=alpha_HW)
    small = halved(even(image.from_rgb(truth.x_3HW)))
    return Work(truth.with_pixels(Picture.of(small, "").x_3HW), truth, 2)


def enlarging_work(picture: Picture, factor: int) -> Work:
    """Enlarge the picture as it is by 2 or 4; ValueError where the result would be too large."""
    width, height = picture.size
    if width * height * factor**2 > LARGEST_RESULT:
        raise ValueError(
            f"{width:,} × {height:,} pixels are too many for × {factor}: the result may have {LARGEST_RESULT / 1e6:.0f} "
            "million. Choose × 2, or a smaller picture."
        )
    return Work(picture, None, factor)


def net(title: str, own: Own | None) -> tuple[Enlarge, int]:
    """What enlarges luma, and its `radius`: a shipped net, the visitor's in its place, or bicubic."""
    if title == BICUBIC:
        return doubled, 2
    model: Any = own.model if own and own.title == title else shared(*NETS[title]).model
    return model, model.radius


def restore(work: Work, title: str, own: Own | None = None) -> Iterator[float | Restored]:
    """Enlarge tile by tile, which bounds the memory: gives the share that is done, and at the end the result."""
    enlarge, radius = net(title, own)
    began, picture, x_3HW = time.perf_counter(), work.small, work.small.x_3HW
    areas = [4.0**step for step in range(work.steps)]
    for step in range(work.steps):
        for share in _doubled(enlarge, radius, x_3HW):
            if isinstance(share, Tensor):
                x_3HW = share
            else:
                yield (sum(areas[:step]) + share * areas[step]) / sum(areas)
    if picture.grey:
        x_3HW = x_3HW[:1].expand(3, -1, -1)
    yield Restored(work, picture.with_pixels(x_3HW), title, time.perf_counter() - began)


def finished(work: Work, title: str, own: Own | None = None) -> Restored:
    """`restore` without its progress."""
    *_, last = restore(work, title, own)
    assert isinstance(last, Restored)
    return last


def _doubled(enlarge: Enlarge, radius: int, x_3hw: Tensor) -> Iterator[float | Tensor]:
    """Twice the size: tiles that see enough around them to be what the whole picture would have given."""
    height, width = x_3hw.shape[1:]
    x_3HW = torch.empty(3, SCALE * height, SCALE * width, dtype=torch.uint8)
    plan = list(tiles(height, width, side=TILE, margin=radius))
    for done, tile in enumerate(plan, start=1):
        with torch.inference_mode():
            found_B3HW = in_colour(enlarge, image.to_unit(tile.read(x_3hw[None])))
        tile.place((found_B3HW[0] * 255).round().byte(), x_3HW)
        yield done / len(plan)
    yield x_3HW


@dataclass(frozen=True)
class Figures:
    """PSNR in dB and SSIM against the truth, and how different it looks to SqueezeNet where its weights are here."""

    psnr_db: float
    ssim: float
    looks: float | None


LOOKED_AT = 1_000_000
"""Pixels beyond which the perceptual distance is left out: it would take seconds."""


def figures(work: Work, picture: Picture) -> Figures:
    """Measure a result against the truth of its work."""
    assert work.truth is not None
    looks, judge = None, judging()
    if judge and picture.size[0] * picture.size[1] <= LOOKED_AT:
        looks = judge.distance(work.truth.x_3HW, picture.x_3HW)
    return Figures(**luma_fidelity(work.truth.x_3HW, picture.x_3HW), looks=looks)


def judging() -> Perceptual | None:
    """The net that judges looks, or None where its weights are not here: a request downloads nothing."""
    try:
        return imagenet.perceptual(download=False)
    except (DataMissing, DataDamaged):
        return None


def errors_db(work: Work, picture: Picture) -> Tensor:
    """20 log10 of the absolute error of the luma `(H, W)`, 0 dB where black stands for white."""
    assert work.truth is not None
    truth_HW, picture_HW = (broadcast_luma(p.x_3HW[None])[0] for p in (work.truth, picture))
    return error_db(truth_HW, picture_HW, full=219)


def spectrum_db(picture: Picture) -> tuple[Tensor, Tensor]:
    """Fineness in cycles per pixel and the power there in dB, of the middle 512 pixels of the luma at most."""
    luma_HW = broadcast_luma(picture.x_3HW[None])[0].double() / 219
    height, width = luma_HW.shape
    top, left = max(0, (height - 512) // 2), max(0, (width - 512) // 2)
    return radial_spectrum_db(luma_HW[top : top + 512, left : left + 512])


def spots(work: Work, part: Window, own: Own | None) -> Iterator[tuple[str, Picture]]:
    """One spot as its small pixels, by bicubic, by every net that there is, and in truth.

    Only the spot and what a net must see around it is worked on: it is as quick in a large picture as in a small one.
    """
    yield "Small pixels", cut(work.small, part)
    for title in (BICUBIC, *NETS):
        with suppress(CheckpointMissing):
            yield title, by(title, work, part, own)
    if work.truth is not None:
        yield "Truth", cut(work.truth, part, scale=work.factor)


class Window(NamedTuple):
    """Rows and columns of the small picture."""

    rows: slice
    columns: slice


def window(work: Work) -> Window:
    """The part of the small picture that the page shows before and after: its middle, where it is large."""
    width, height = work.small.size
    most_w, most_h = (length // work.factor for length in (SHOWN if width >= height else SHOWN[::-1]))
    top, left = max(0, (height - most_h) // 2), max(0, (width - most_w) // 2)
    return Window(slice(top, min(height, top + most_h)), slice(left, min(width, left + most_w)))


def cut(picture: Picture, part: Window, *, scale: int = 1) -> Picture:
    """That part of a picture which is `scale` times as large as the one that the window counts in."""
    rows, columns = (slice(scale * s.start, scale * s.stop) for s in part)
    alpha_HW = None if picture.alpha_HW is None else picture.alpha_HW[rows, columns]
    return replace(picture, x_3HW=picture.x_3HW[:, rows, columns], alpha_HW=alpha_HW)


def by(title: str, work: Work, part: Window, own: Own | None = None) -> Picture:
    """A part of the small picture, enlarged as if the whole had been: it is cut out with all that the net must see."""
    margin = net(title, own)[1] * work.steps
    rows, columns = (slice(max(0, s.start - margin), s.stop + margin) for s in part)
    found = finished(Work(cut(work.small, Window(rows, columns)), None, work.factor), title, own).picture
    inner = (slice(s.start - wide.start, s.stop - wide.start) for s, wide in zip(part, (rows, columns), strict=True))
    return cut(found, Window(*inner), scale=work.factor)


def pixels(work: Work, part: Window) -> Picture:
    """A part of the small picture, each pixel a square as large as it became."""
    small = cut(work.small, part)
    size = (work.factor * small.size[0], work.factor * small.size[1])
    return replace(Picture.of(small.pillow().resize(size, Image.Resampling.NEAREST), small.title), grey=small.grey)


def spot(work: Work, at: tuple[float, float]) -> Window:
    """What the magnifier shows: the pixels around `at`, the middle as shares of width and height."""
    found = []
    for share, length in zip(at[::-1], work.small.x_3HW.shape[1:], strict=True):
        start = min(max(0, round(share * length) - SPOT // 2), max(0, length - SPOT))
        found.append(slice(start, min(length, start + SPOT)))
    return Window(*found)


def thumbnail(picture: Picture, side: int) -> str:
    """The picture at `side` pixels at most, as a `data:` address."""
    shown = picture.pillow()
    shown.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image.to_data_url(shown)


@cache
def _from_scikit_image(file: str) -> Picture:
    import skimage

    path = Path(skimage.__file__).parent / "data" / file
    return read(path, f"{path.stem.capitalize()}, from scikit-image")


@cache
def _from_scikit_learn(file: str) -> Picture:
    import sklearn.datasets

    path = Path(sklearn.datasets.__file__).parent / "images" / file
    return read(path, f"{path.stem.capitalize()}, from scikit-learn")


EXAMPLES: dict[str, Callable[[], Picture]] = {
    "a cat": partial(_from_scikit_image, "chelsea.png"),
    "an astronaut": partial(_from_scikit_image, "astronaut.png"),
    "a temple": partial(_from_scikit_learn, "china.jpg"),
    "a page, grey": partial(_from_scikit_image, "page.png"),
    "a logo, transparent": partial(_from_scikit_image, "logo.png"),
}
"""Pictures inside installed packages, public domain or CC BY 2.0 (the temple)."""


@cache
def example_thumbnails() -> dict[str, str]:
    """Every example's picture for the tray, as a `data:` address, and its name."""
    return {thumbnail(picture(), THUMBNAIL): name for name, picture in EXAMPLES.items()}


def test_pictures() -> list[Path]:
    """Set5's, Set14's and BSDS500's test pictures; DataMissing where none is here."""
    found = [path for name in bsds500.SETS for path in bsds500.pictures_of(name)]
    if not found:
        raise DataMissing("No test pictures are here: Set5, Set14 and BSDS500 belong below the folder WAVELENS_DATA.")
    return found


def trained(run: Run[Any]) -> Own:
    """The net of a run, to stand in for the shipped one of the same kind."""
    title = next(title for title, recipe in RECIPES.items() if recipe.name == run.recipe.name)
    return Own(run.finished(), title)
