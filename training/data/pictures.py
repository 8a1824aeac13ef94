"""Any folder of pictures as material for super-resolution: sharp tiles, and the same tiles at half the size.

Below `<root>/pictures`, or wherever `WAVELENS_PICTURES` says. Every small picture is made from the whole sharp one by
Pillow's bicubic, antialiased, in 8 bits.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from signals.image import read
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, DataMissing, root

SOURCE = Source(
    title="your own pictures",
    address="a folder on this machine",
    licence="yours",
    split="by picture: of every ten in the order of their names, one validates and one is tested",
    note="Nobody else can repeat a number that was measured on your pictures.",
)
TILE = 160
"""Pixels of a sharp tile's side."""
SMALLER = (1.0, 0.75, 0.5)
"""Training pictures are also used reduced: their finest detail is then another."""
ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm"}
FEWEST = 10
SMALLEST = 16
"""Pixels a side: less leaves nothing to measure."""


def splits() -> Splits:
    """Train: tiles `(sharp_B3HW, small_B3hw)` uint8. Valid and test: as `whole` gives them.

    DataMissing, DataDamaged.
    """
    folder = Path(os.environ.get("WAVELENS_PICTURES") or root() / "pictures")
    paths = found(folder)
    if len(paths) < FEWEST:
        raise DataMissing(
            f"{folder} holds {len(paths)} pictures, and {FEWEST} are needed: put some there, or name another folder in "
            "the environment variable WAVELENS_PICTURES."
        )
    train = [path for i, path in enumerate(paths) if i % 10 not in (4, 9)]
    return Splits(tiles(opened(train)), whole([opened(paths[4::10])]), whole([opened(paths[9::10])]))


def found(folder: Path) -> list[Path]:
    """The pictures in a folder and below it, by name, without hidden ones; none where there is no such folder."""
    named = (path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and not path.name.startswith("."))
    return sorted(path for path in named if path.is_file())


def opened(paths: Iterable[Path]) -> list[Image.Image]:
    """Every picture, an even number of pixels wide and high; DataDamaged names the one that cannot be read."""
    pictures = []
    for path in paths:
        try:
            picture = read(path)
            if min(picture.size) < SMALLEST:
                raise ValueError(f"{picture.width} × {picture.height} pixels, and {SMALLEST} a side are needed")
            pictures.append(even(picture))
        except (OSError, ValueError) as error:
            raise DataDamaged(f"{path} is no picture that can be used ({error}). Take it out of the folder.") from error
    return pictures


def even(picture: Image.Image) -> Image.Image:
    """Without its last row and column where their number is odd."""
    return picture.crop((0, 0, picture.width // 2 * 2, picture.height // 2 * 2))


def halved(picture: Image.Image) -> Image.Image:
    """Half the size by Pillow's bicubic, which averages over what it drops."""
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BICUBIC)


def tiles(pictures: Iterable[Image.Image], *, side: int = TILE, smaller: Sequence[float] = SMALLER) -> Arrays:
    """Tiles `(sharp_B3HW, small_B3hw)` uint8 of every picture at every size of `smaller`, side by side.

    What is left at the edge is covered by a tile that overlaps its neighbour; a picture smaller than a tile is
    mirrored at its edge. ValueError where there is none.
    """
    sharp, small = [], []
    for picture in pictures:
        for share in smaller:
            size = tuple(max(2, round(length * share / 2) * 2) for length in picture.size)
            reduced = picture if share == 1 else picture.resize(size, Image.Resampling.BICUBIC)  # type: ignore[arg-type]
            if share < 1 and min(size) < side:
                continue
            large_HW3, small_hw3 = (
                _at_least(_pixels(p), s) for p, s in ((reduced, side), (halved(reduced), side // 2))
            )
            for top in _starts(large_HW3.shape[0], side):
                for left in _starts(large_HW3.shape[1], side):
                    sharp.append(large_HW3[top : top + side, left : left + side])
                    small.append(small_hw3[top // 2 : (top + side) // 2, left // 2 : (left + side) // 2])
    if not sharp:
        raise ValueError("there is no picture to cut tiles from")
    return _planes(np.stack(sharp)), _planes(np.stack(small))


def whole(sets: Sequence[Sequence[Image.Image]]) -> Arrays:
    """Whole pictures of several sets: `(sharp_B3HW, small_B3hw, size_B2, set_B)`, uint8 and zero beyond their size.

    `size_B2` is the height and width of the sharp picture, `set_B` counts the sets from 0.
    """
    together = [(picture, number) for number, pictures in enumerate(sets) for picture in pictures]
    height, width = (max(length) for length in zip(*(p.size[::-1] for p, _ in together), strict=True))
    sharp_BHW3 = np.zeros((len(together), height, width, 3), dtype=np.uint8)
    small_Bhw3 = np.zeros((len(together), height // 2, width // 2, 3), dtype=np.uint8)
    for i, (picture, _) in enumerate(together):
        sharp_BHW3[i, : picture.height, : picture.width] = _pixels(picture)
        small_Bhw3[i, : picture.height // 2, : picture.width // 2] = _pixels(halved(picture))
    size_B2 = torch.tensor([p.size[::-1] for p, _ in together])
    return _planes(sharp_BHW3), _planes(small_Bhw3), size_B2, torch.tensor([number for _, number in together])


def _pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB"))


def _planes(x_BHW3: np.ndarray) -> Tensor:
    return torch.from_numpy(x_BHW3).permute(0, 3, 1, 2).contiguous()


def _at_least(x_HW3: np.ndarray, side: int) -> np.ndarray:
    spare = [(0, max(0, side - length)) for length in x_HW3.shape[:2]]
    return np.pad(x_HW3, [*spare, (0, 0)], mode="symmetric")


@cache
def _starts(length: int, side: int) -> tuple[int, ...]:
    """Where tiles of `side` begin along `length`: side by side, the last one at the very end, all on even pixels."""
    starts = range(0, length - side + 1, side)
    last = (length - side) // 2 * 2
    return (*starts,) if starts[-1] == last else (*starts, last)
