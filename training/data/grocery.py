"""Groceries in shops: apples, juice, yoghurt and six more kinds, photographed with a telephone (Klasson et al. 2019).

In upstream's layout, `grocery/{train,val,test}/CLASS/*.jpg`, in its official split. What transfer learning learns; and
what ships of it stands in for CIFAR-10 where that is not at hand, at 32 × 32.
"""

from collections import Counter
from pathlib import Path

import torch
from PIL import Image

from signals.image import read, square
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, DataMissing, root

SOURCE = Source(
    title="Grocery Store Dataset",
    address="https://github.com/marcusklasson/GroceryStoreDataset",
    licence="MIT",
    split="official",
    note="Nine kinds, at most 110 pictures of each in training; 200 pixels on the short side.",
)
CLASSES = ("apple", "juice", "melon", "milk", "pear", "pepper", "potato", "tomato", "yoghurt")
PRODUCTS = (
    "Anjou", "Arla-Ecological-Medium-Fat-Milk", "Arla-Lactose-Medium-Fat-Milk", "Arla-Medium-Fat-Milk",
    "Arla-Mild-Vanilla-Yoghurt", "Arla-Natural-Mild-Low-Fat-Yoghurt", "Arla-Natural-Yoghurt", "Arla-Standard-Milk",
    "Beef-Tomato", "Bravo-Apple-Juice", "Bravo-Orange-Juice", "Cantaloupe", "Conference", "Floury-Potato",
    "Galia-Melon", "Garant-Ecological-Medium-Fat-Milk", "Garant-Ecological-Standard-Milk", "God-Morgon-Apple-Juice",
    "God-Morgon-Orange-Juice", "God-Morgon-Orange-Red-Grapefruit-Juice", "God-Morgon-Red-Grapefruit-Juice",
    "Golden-Delicious", "Granny-Smith", "Green-Bell-Pepper", "Honeydew-Melon", "Kaiser", "Orange-Bell-Pepper",
    "Pink-Lady", "Red-Bell-Pepper", "Red-Delicious", "Regular-Tomato", "Royal-Gala", "Solid-Potato", "Sweet-Potato",
    "Tropicana-Apple-Juice", "Tropicana-Golden-Grapefruit", "Tropicana-Juice-Smooth", "Tropicana-Mandarin-Morning",
    "Valio-Vanilla-Yoghurt", "Vine-Tomato", "Watermelon", "Yellow-Bell-Pepper", "Yoggi-Strawberry-Yoghurt",
    "Yoggi-Vanilla-Yoghurt",
)  # fmt: skip
"""What the files are called by: pictures of one product are alike, in whatever split they are."""
SIDE = 200
FOLDERS = {"train": "train", "valid": "val", "test": "test"}
CORNER = 0.75
"""Of a picture's short side: a training picture gives its middle square, and one of this size from each corner."""


def squares(side: int = 32) -> Splits:
    """Pictures `x_B3HW` uint8 of `side` pixels and labels `label_B` int64; DataMissing, DataDamaged."""
    return Splits(*(_split(name, side) for name in FOLDERS))


def pictures(side: int = SIDE) -> Splits:
    """Middle squares `x_B3HW` uint8, labels `label_B`, and `product_B`, places in `PRODUCTS`; DataMissing, DataDamaged.

    A picture of each class in turn. All have `side` pixels, or as many as the smallest, which is not blown up.
    """
    files = {split: turn_about(found(split)) for split in FOLDERS}
    side = min(side, *(_short(path) for listed in files.values() for path, _ in listed))
    return Splits(*(_pictures(listed, side) for listed in files.values()))


def turn_about(files: list[tuple[Path, int]]) -> list[tuple[Path, int]]:
    """The same files, the first of each class, then the second, and so on."""
    met: Counter[int] = Counter()
    ranked = []
    for path, label in files:
        ranked.append((met[label], label, path))
        met[label] += 1
    return [(path, label) for _, label, path in sorted(ranked)]


def product(path: Path) -> int:
    """Which of `PRODUCTS` a file shows, by its name; DataDamaged where it is none of them."""
    name = path.stem.rpartition("_")[0]
    if name not in PRODUCTS:
        raise DataDamaged(f"{path} is called by no product of {SOURCE.title}. Take it out of the folder.")
    return PRODUCTS.index(name)


def _pictures(files: list[tuple[Path, int]], side: int) -> Arrays:
    x_B3HW = torch.stack([square(_picture(path), side) for path, _ in files])
    label_B, product_B = (torch.tensor(column) for column in zip(*((n, product(p)) for p, n in files), strict=True))
    return x_B3HW, label_B, product_B


def _short(path: Path) -> int:
    try:
        with Image.open(path) as picture:
            return min(picture.size)
    except OSError as error:
        raise _damaged(path, error) from error


def _picture(path: Path) -> Image.Image:
    try:
        return read(path)
    except ValueError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DataDamaged:
    return DataDamaged(f"{path} is damaged ({error}). Take it out of the folder, or get it again.")


def found(split: str) -> list[tuple[Path, int]]:
    """The files of train, valid or test with their labels, sorted; DataMissing where there are none."""
    folder = root() / "grocery" / FOLDERS[split]
    files = [(path, label) for label, name in enumerate(CLASSES) for path in sorted((folder / name).glob("*.jpg"))]
    if not files:
        raise DataMissing(
            f"{folder} holds no pictures. They belong to {SOURCE.title} ({SOURCE.address}): put them there."
        )
    return files


def _split(split: str, side: int) -> Arrays:
    x_B, label_B = [], []
    for path, label in found(split):
        picture = _picture(path)
        views = [picture, *_corners(picture)] if split == "train" else [picture]
        x_B += [square(view, side) for view in views]
        label_B += len(views) * [label]
    return torch.stack(x_B), torch.tensor(label_B)


def _corners(picture: Image.Image) -> list[Image.Image]:
    length = round(CORNER * min(picture.size))
    right, bottom = picture.width - length, picture.height - length
    return [picture.crop((x, y, x + length, y + length)) for y in (0, bottom) for x in (0, right)]
