"""Pictures at the work bench of super-resolution: read, shrunk, enlarged tile by tile, looked at closely, measured.

Pixels are uint8 tensors `(3, H, W)` throughout; only a tile at a time is in float. Of a large picture only the part that
the page shows is worked on, so that the answer takes as long as that of a small one; the whole is made for the file.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from demos._ui.nets import Net, active
from metrics.pictures import by_set, error_db, radial_spectrum_db
from models import CheckpointDamaged, CheckpointMissing, _checkpoint
from models.perceptual import Perceptual
from models.super_resolution import SCALE, Enlarge, in_colour, luma_fidelity, tiles
from signals import image
from signals.luma import broadcast_luma, doubled
from training import DataDamaged, DataMissing, Metrics, Recipe
from training.data import bsds500, imagenet, reading
from training.data.pictures import even, halved
from training.recipes import srcnn, srcnn_perceptual, super_resolution

BICUBIC = "Bicubic"
RECIPES: dict[str, Recipe[Any]] = {
    "Sub-pixel net": super_resolution.recipe,
    "SRCNN": srcnn.recipe,
    "SRCNN, perceptual": srcnn_perceptual.recipe,
}
"""The nets by what the page calls them; ours first."""
OURS, _, PERCEPTUAL = RECIPES
METHODS = (BICUBIC, *RECIPES)
TILE = 192
"""Small pixels a side of one tile's own part."""
LARGEST_RESULT = 4 * image.MAX_PIXELS
SMALLEST_TEST = 16
"""Pixels: what SSIM's window and the shaved edge need."""
SPOT = 40
"""Small pixels a side of what the magnifier shows."""
THUMBNAIL = 264
KEPT_PIXELS = 2_000_000
"""A page keeps the pixels of a picture up to this size, 8 MB; of a larger one it keeps where its file lies."""
SHOWN = (1200, 800)
"""At most so many pixels of a result are on the page: in them it is measured."""


@dataclass(frozen=True)
class Picture:
    """What a visitor brought: colours in 8 bits, transparency `(H, W)` if there is any, and whether it was grey."""

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
        """From Pillow's L, LA, RGB or RGBA; of planes that are all alike one is held, of an even one a pixel."""
        grey = picture.mode in ("L", "LA")
        planes = [_plane(picture, name) for name in ("L" if grey else "RGB")]
        return cls(
            planes[0].expand(3, -1, -1) if grey else torch.stack(planes),
            _plane(picture, "A") if picture.mode in ("LA", "RGBA") else None,
            grey,
            title,
        )

    def pillow(self) -> Image.Image:
        """As Pillow has it, in the mode that it came in."""
        picture = Image.fromarray(self.x_3HW[0].numpy()) if self.grey else image.from_rgb(self.x_3HW)
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
class Upload:
    """A large picture by its file, read again when it is worked on again: a page may keep it for an hour."""

    path: str
    title: str

    @property
    def picture(self) -> Picture:
        """All of it; ValueError where the file is gone."""
        if not Path(self.path).exists():
            raise ValueError("This picture is no longer on this server. Upload it again.")
        return read(self.path, self.title)


def kept(picture: Picture, path: str) -> Picture | Upload:
    """What a page keeps of an uploaded picture."""
    return Upload(path, picture.title) if is_large(picture) else picture


def is_large(picture: Picture) -> bool:
    """Whether a page had better not keep its pixels."""
    return picture.size[0] * picture.size[1] > KEPT_PIXELS


def _plane(picture: Image.Image, name: str) -> Tensor:
    """One channel of a picture `(H, W)`, uint8."""
    plane_HW = torch.from_numpy(np.array(picture.getchannel(name)))
    is_even = bool(plane_HW.amin() == plane_HW.amax())  # as where a picture could be transparent and is not
    return plane_HW[:1, :1].clone().expand_as(plane_HW) if is_even else plane_HW


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
    """What the page shows of one piece of work: that part of it by one of `METHODS`, and by bicubic.

    Where a visitor's own net answered, the shipped one's answer to the same pixels is beside it, if that net is there.
    The work itself is kept, or in its place what makes it again.
    """

    kept: Work | Callable[[], Work]
    part: Window
    picture: Picture
    bicubic: Picture
    method: str
    seconds: float
    own: bool = False
    shipped: Picture | None = None

    @property
    def work(self) -> Work:
        """What was worked on."""
        return self.kept if isinstance(self.kept, Work) else self.kept()

    @property
    def truth(self) -> Picture | None:
        """The same part of the sharp picture, where it is known."""
        work = self.work
        return None if work.truth is None else crop(work.truth, self.part, scale=work.factor)

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the picture is left out."""
        return self.part == whole_window(self.work)


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


class Enlarger(NamedTuple):
    """What doubles luma `y_B1hw`, how many small pixels around it it sees, and whether it is a visitor's own net."""

    enlarge: Enlarge
    radius: int
    own: bool


def enlarger(method: str, own: Net[Any] | None) -> Enlarger:
    """A shipped net, the visitor's in its place, or bicubic; CheckpointMissing says how to make it."""
    if method == BICUBIC:
        return Enlarger(doubled, 2, False)
    net = active(RECIPES[method], own)
    return Enlarger(net.model, net.model.radius, net.own)


def restore(
    work: Work, method: str, own: Net[Any] | None = None, *, again: Callable[[], Work] | None = None
) -> Restored:
    """What the page shows, by a net and by bicubic; CheckpointMissing says how to make the net.

    Where something makes the work `again`, the result keeps that.
    """
    part, is_own = shown_window(work), enlarger(method, own).own
    began = time.perf_counter()
    picture = restore_window(work, part, method, own)
    seconds = time.perf_counter() - began
    shipped = None
    if is_own:
        with suppress(CheckpointMissing, CheckpointDamaged):
            shipped = restore_window(work, part, method)
    return Restored(again or work, part, picture, restore_window(work, part, BICUBIC), method, seconds, is_own, shipped)


def enlarge(work: Work, method: str, own: Net[Any] | None = None) -> Iterator[float | Picture]:
    """The whole, tile by tile, which bounds the memory: gives the share that is done, and at the end the picture."""
    by, x_3HW = enlarger(method, own), work.small.x_3HW
    areas = [4.0**step for step in range(work.steps)]
    for step in range(work.steps):
        for share in _doubled(by, x_3HW):
            if isinstance(share, Tensor):
                x_3HW = share
            else:
                yield (sum(areas[:step]) + share * areas[step]) / sum(areas)
    if work.small.grey:
        x_3HW = x_3HW[:1].expand(3, -1, -1)
    yield work.small.with_pixels(x_3HW)


def enlarged(work: Work, method: str, own: Net[Any] | None = None) -> Picture:
    """`enlarge` without its progress."""
    *_, last = enlarge(work, method, own)
    assert isinstance(last, Picture)
    return last


def _doubled(by: Enlarger, small_3hw: Tensor) -> Iterator[float | Tensor]:
    """Twice the size: tiles that see enough around them to be what the whole picture would have given."""
    height, width = small_3hw.shape[1:]
    large_3HW = torch.empty(3, SCALE * height, SCALE * width, dtype=torch.uint8)
    plan = list(tiles(height, width, side=TILE, margin=by.radius))
    for done, tile in enumerate(plan, start=1):
        with torch.inference_mode():
            found_B3HW = in_colour(by.enlarge, image.to_unit(tile.read(small_3hw[None])))
        tile.place((found_B3HW[0] * 255).round().byte(), large_3HW)
        yield done / len(plan)
    yield large_3HW


# Measures


@dataclass(frozen=True)
class Quality:
    """PSNR in dB and SSIM against the truth, and the distance that SqueezeNet sees: None where its weights are not here."""

    psnr_db: float
    ssim: float
    distance: float | None


def measure(truth: Picture, picture: Picture) -> Quality:
    """A result against the truth; PSNR is ∞ where they are the same."""
    net = feature_net()
    distance = net.distance(truth.x_3HW, picture.x_3HW) if net else None
    return Quality(**luma_fidelity(truth.x_3HW, picture.x_3HW), distance=distance)


def feature_net() -> Perceptual | None:
    """The net whose features the perceptual distance compares, or None where its weights are not here.

    A request downloads nothing.
    """
    try:
        with reading("root as it is"):
            return imagenet.perceptual() if imagenet.are_here() else None
    except (DataMissing, DataDamaged):
        return None


def errors_db(truth: Picture, picture: Picture) -> Tensor:
    """20 log10 of the absolute error of the luma `(H, W)`, 0 dB where black stands for white."""
    truth_HW, picture_HW = (broadcast_luma(p.x_3HW[None])[0] for p in (truth, picture))
    return error_db(truth_HW, picture_HW, full=219)


def spectrum_db(picture: Picture) -> tuple[Tensor, Tensor]:
    """Fineness in cycles per pixel and the power there in dB, of the middle 512 pixels of the luma at most."""
    luma_HW = broadcast_luma(picture.x_3HW[None])[0].double() / 219
    height, width = luma_HW.shape
    top, left = max(0, (height - 512) // 2), max(0, (width - 512) // 2)
    return radial_spectrum_db(luma_HW[top : top + 512, left : left + 512])


def usual_gains() -> Tensor:
    """What the first of the nets gains over bicubic on each test picture, in dB `(B,)`, in order; none where unknown."""
    try:
        evidence = Net.pretrained(RECIPES[OURS]).evidence
    except (CheckpointMissing, CheckpointDamaged):
        return torch.zeros(0)
    return (evidence["psnr_db"] - evidence["bicubic_psnr_db"]).sort().values if evidence else torch.zeros(0)


class Scores(NamedTuple):
    """One method on the test sets: means by measure and set, and its parameters (None for bicubic)."""

    metrics: Metrics
    parameters: int | None


def scores_on_test_sets() -> dict[str, Scores]:
    """Every method that is there, by its card; bicubic, first, by the evidence beside the first of the nets."""
    found: dict[str, Scores] = {}
    for method, recipe in RECIPES.items():
        try:
            net, card = Net.pretrained(recipe), _checkpoint.card(recipe.name)
        except (CheckpointMissing, CheckpointDamaged):
            continue
        if BICUBIC not in found and net.evidence:
            found[BICUBIC] = Scores(_bicubic(net.evidence), None)
        found[method] = Scores(card.metrics, card.parameters)
    return found


def _bicubic(evidence: dict[str, Tensor]) -> Metrics:
    return {
        measure + end: chosen_B.double().mean().item()
        for measure in ("psnr_db", "ssim")
        for end, chosen_B in by_set(evidence[f"bicubic_{measure}"], evidence["set"], bsds500.SETS)
    }


# Parts


class Window(NamedTuple):
    """Rows and columns of the small picture."""

    rows: slice
    columns: slice


def shown_window(work: Work) -> Window:
    """The part of the small picture that the page shows before and after: its middle, where it is large."""
    width, height = work.small.size
    most_w, most_h = (length // work.factor for length in (SHOWN if width >= height else SHOWN[::-1]))
    top, left = max(0, (height - most_h) // 2), max(0, (width - most_w) // 2)
    return Window(slice(top, min(height, top + most_h)), slice(left, min(width, left + most_w)))


def whole_window(work: Work) -> Window:
    """All of the small picture."""
    width, height = work.small.size
    return Window(slice(0, height), slice(0, width))


def busiest_spot(result: Restored) -> tuple[float, float]:
    """Where the net differs most from bicubic: the middle of the magnifier's spot as shares of width and height."""
    net_HW, bicubic_HW = (broadcast_luma(p.x_3HW[None])[0].float() for p in (result.picture, result.bicubic))
    factor, found = result.work.factor, []
    size = [min(SPOT * factor, length) for length in net_HW.shape]
    stride = max(1, min(size) // 8)
    mean_hw = F.avg_pool2d((net_HW - bicubic_HW).abs()[None, None], size, stride)[0, 0]
    place = divmod(int(mean_hw.argmax()), mean_hw.shape[1])
    for at, length, part, full in zip(place, size, result.part, result.work.small.x_3HW.shape[1:], strict=True):
        found.append((part.start + (at * stride + length / 2) / factor) / full)
    return found[1], found[0]


def spot_window(work: Work, at: tuple[float, float]) -> Window:
    """What the magnifier shows: the pixels around `at`, the middle as shares of width and height."""
    found = []
    for share, length in zip(at[::-1], work.small.x_3HW.shape[1:], strict=True):
        start = min(max(0, round(share * length) - SPOT // 2), max(0, length - SPOT))
        found.append(slice(start, min(length, start + SPOT)))
    return Window(*found)


def crop(picture: Picture, part: Window, *, scale: int = 1) -> Picture:
    """That part of a picture which is `scale` times as large as the one that the window counts in."""
    rows, columns = (slice(scale * s.start, scale * s.stop) for s in part)
    alpha_HW = None if picture.alpha_HW is None else picture.alpha_HW[rows, columns]
    return replace(picture, x_3HW=picture.x_3HW[:, rows, columns], alpha_HW=alpha_HW)


def restore_window(work: Work, part: Window, method: str, own: Net[Any] | None = None) -> Picture:
    """A part of the small picture, enlarged as if the whole had been: it is cut out with all that the net must see."""
    margin = enlarger(method, own).radius * work.steps
    rows, columns = (slice(max(0, s.start - margin), s.stop + margin) for s in part)
    found = enlarged(Work(crop(work.small, Window(rows, columns)), None, work.factor), method, own)
    inner = (slice(s.start - wide.start, s.stop - wide.start) for s, wide in zip(part, (rows, columns), strict=True))
    return crop(found, Window(*inner), scale=work.factor)


def repeat_pixels(work: Work, part: Window) -> Picture:
    """A part of the small picture, each pixel a square as large as it became."""
    small = crop(work.small, part)
    size = (work.factor * small.size[0], work.factor * small.size[1])
    return replace(Picture.of(small.pillow().resize(size, Image.Resampling.NEAREST), small.title), grey=small.grey)


def spot_by_method(work: Work, part: Window, own: Net[Any] | None) -> Iterator[tuple[str, Picture]]:
    """One spot as its small pixels, by bicubic, by every net that there is, and in truth.

    Only the spot and what a net must see around it is worked on: it is as quick in a large picture as in a small one.
    """
    yield "Small pixels", crop(work.small, part)
    for method in METHODS:
        with suppress(CheckpointMissing, CheckpointDamaged):
            yield method, restore_window(work, part, method, own)
    if work.truth is not None:
        yield "Truth", crop(work.truth, part, scale=work.factor)


# What there is to choose from


def thumbnail(picture: Picture, side: int) -> str:
    """The picture at `side` pixels at most, as a `data:` address of a tenth of a PNG's length: to be found, not judged."""
    small, buffer = picture.pillow(), io.BytesIO()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.save(buffer, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


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
    "a rocket": partial(_from_scikit_image, "rocket.jpg"),
    "a temple": partial(_from_scikit_learn, "china.jpg"),
    "a page, grey": partial(_from_scikit_image, "page.png"),
    "a logo, transparent": partial(_from_scikit_image, "logo.png"),
}
"""Pictures inside installed packages, public domain or CC BY 2.0 (the temple): no net was trained on one of them."""
FIRST = next(iter(EXAMPLES))


@cache
def example_thumbnails() -> dict[str, str]:
    """Every example's picture for the picker by its key, as a `data:` address."""
    return {key: thumbnail(picture(), THUMBNAIL) for key, picture in EXAMPLES.items()}


def known(key: str) -> Picture | None:
    """The example or the test picture of that key; None where there is none."""
    if key in EXAMPLES:
        return EXAMPLES[key]()
    path = next((path for path in test_pictures() if key_of(path) == key), None)
    return None if path is None else read_test_picture(path)


def key_of(path: Path) -> str:
    """What the picker knows a test picture by."""
    return f"{path.parent.name}/{path.name}"


def read_test_picture(path: Path) -> Picture:
    """A test picture with what may be said of it."""
    return read(path, f"{path.parent.name} {path.name}, never seen in training")


def test_pictures() -> list[Path]:
    """Set5's, Set14's and BSDS500's test pictures, whose licences forbid to ship them; none where none is here."""
    return [path for name in bsds500.SETS for path in bsds500.pictures_of(name)]
