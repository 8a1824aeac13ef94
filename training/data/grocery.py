"""Groceries in shops: apples, juice, yoghurt and six more kinds, photographed with a telephone (Klasson et al. 2019).

In upstream's layout, `grocery/{train,val,test}/CLASS/*.jpg`, in its official split. What ships of it stands in for
CIFAR-10 where that is not at hand, at 32 × 32.
"""

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
FOLDERS = {"train": "train", "valid": "val", "test": "test"}
CORNER = 0.75
"""Of a picture's short side: a training picture gives its middle square, and one of this size from each corner."""


def squares(side: int = 32) -> Splits:
    """Pictures `x_B3HW` uint8 of `side` pixels and labels `label_B` int64; DataMissing, DataDamaged."""
    return Splits(*(_split(name, side) for name in FOLDERS))


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
        try:
            picture = read(path)
        except ValueError as error:
            raise DataDamaged(f"{path} is damaged ({error}). Take it out of the folder, or get it again.") from error
        views = [picture, *_corners(picture)] if split == "train" else [picture]
        x_B += [square(view, side) for view in views]
        label_B += len(views) * [label]
    return torch.stack(x_B), torch.tensor(label_B)


def _corners(picture: Image.Image) -> list[Image.Image]:
    length = round(CORNER * min(picture.size))
    right, bottom = picture.width - length, picture.height - length
    return [picture.crop((x, y, x + length, y + length)) for y in (0, bottom) for x in (0, right)]
