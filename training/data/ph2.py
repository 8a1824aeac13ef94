"""PH2: 200 dermoscopic pictures of moles and melanomas with outlines, three classes, in five stratified folds."""

import csv
from functools import cache
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from signals.image import read, square
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, DataMissing, root

SOURCE = Source(
    title="PH2 dermoscopy",
    address="https://www.fc.up.pt/addi/ph2%20database.html",
    licence="research and education only",
    weights_licence="research and education only, as the data",
    split="five stratified folds of one seed: fold 0 is tested, fold 1 validates, three train",
    note="200 pictures from one hospital and one dermoscope (Mendonça et al. 2013), reduced to 224 pixels; it stands "
    "in for DermaMNIST. A fold tests 40 pictures, 8 of them melanomas: the five-fold figures say more.",
)
CLASSES = ("common nevus", "atypical nevus", "melanoma")
MELANOMA = 2
SIDE = 160
FOLDS = 5


def splits(fold: int = 0) -> Splits:
    """Middle squares `x_B3HW` uint8, labels `label_B` int64 into `CLASSES`, `picture_B` as `names` counts them.

    Fold `fold` is tested, the next one validates, the others train.
    """
    x_B3HW, label_B = pictures()
    fold_B = folds(label_B)
    valid = (fold + 1) % FOLDS
    train_B = (fold_B != fold) & (fold_B != valid)
    index = [chosen_B.nonzero().flatten() for chosen_B in (train_B, fold_B == valid, fold_B == fold)]
    return Splits(*((x_B3HW[i], label_B[i], i) for i in index))


def folds(label_B: Tensor) -> Tensor:
    """The fold, 0 to 4, of every picture `(B,)`: each class is shuffled by one seed and dealt out in turn."""
    draw = torch.Generator().manual_seed(2013)
    fold_B = torch.empty_like(label_B)
    for label in range(len(CLASSES)):
        members = (label_B == label).nonzero().flatten()
        fold_B[members[torch.randperm(len(members), generator=draw)]] = torch.arange(len(members)) % FOLDS
    return fold_B


def pictures() -> Arrays:
    """All pictures in the order of `names`, `(x_B3HW uint8, label_B)`; DataMissing, DataDamaged."""
    return _pictures(_folder())


def names() -> list[str]:
    """The pictures' names, such as “IMD002”."""
    return [row["image"] for row in _rows(_folder())]


def masks() -> Tensor:
    """The lesions' outlines as drawn by dermatologists, `(B, H, W)` bool, cut as the pictures are."""
    return _masks(_folder())


def _folder() -> Path:
    folder = root() / "ph2"
    if not (folder / "labels.csv").exists():
        raise DataMissing(
            f"{folder} is not here. {SOURCE.title} ({SOURCE.address}) is handed out on request, so nothing can "
            "download it: put images/, masks/ and labels.csv there."
        )
    return folder


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def _pictures(folder: Path) -> tuple[Tensor, Tensor]:
    try:
        rows = _rows(folder)
        found = [square(read(folder / "images" / f"{row['image']}.jpg"), SIDE) for row in rows]
        return torch.stack(found), torch.tensor([int(row["label"]) for row in rows])
    except (OSError, KeyError, ValueError) as error:
        raise DataDamaged(f"{folder} is damaged ({error}). Put it there again.") from error


@cache
def _masks(folder: Path) -> Tensor:
    try:
        found = [square(Image.open(folder / "masks" / f"{row['image']}.png"), SIDE)[0] for row in _rows(folder)]
        return torch.stack(found) > 127
    except OSError as error:
        raise DataDamaged(f"{folder} is damaged ({error}). Put it there again.") from error
