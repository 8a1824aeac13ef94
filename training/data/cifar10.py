"""CIFAR-10: 60,000 colour pictures of ten kinds of animal and vehicle, 32 × 32 (Krizhevsky 2009), in their split."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, DataMissing, hub_file, reading

COMPRESSED = "a JPEG-compressed copy, a little harder than the original"
"""What stands beside every number: a picture of the copy at hand has about 0.9 KB, where the original's PNG has 2.3."""
SOURCE = Source(
    title="CIFAR-10, JPEG-compressed",
    address="https://huggingface.co/datasets/uoft-cs/cifar10",
    licence="no licence stated upstream; made public for research (Krizhevsky 2009)",
    weights_licence="research use only, as the data",
    split="official test; validation is the last 5,000 of the official training set",
    note=f"Every number is measured on {COMPRESSED}. About one test picture in thirty has a near-duplicate in the "
    "official training set (Barz and Denzler 2020): accuracy without those stands beside it.",
    download="144 MB",
)
REPOSITORY = "uoft-cs/cifar10"
FILES = {split: f"plain_text/{split}-00000-of-00001.parquet" for split in ("train", "test")}
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
VALID = 10
"""One training picture in so many validates: 5,000 of 50,000."""
SIDE = 32


def splits() -> Splits:
    """Pictures `x_B3HW` uint8 and labels `label_B` int64; see `official` for what is raised."""
    train, test = official("train"), official("test")
    cut = len(train[0]) - len(train[0]) // VALID
    return Splits(tuple(t[:cut].contiguous() for t in train), tuple(t[cut:].contiguous() for t in train), test)


def is_here() -> bool:
    """Whether the test pictures are on this machine: nothing is downloaded, and none is read."""
    try:
        with reading("root as it is"):
            hub_file(REPOSITORY, FILES["test"])
    except DataMissing:
        return False
    return True


def official(split: str) -> Arrays:
    """One official split, `(x_B3HW uint8, label_B int64)`; see `hub_file` for what is raised, and DataDamaged."""
    return _decoded(hub_file(REPOSITORY, FILES[split]))


@cache
def _decoded(path: Path) -> Arrays:
    import pyarrow as arrow  # not on the way of the first page
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(path)
        pictures = [Image.open(io.BytesIO(row["bytes"])).convert("RGB") for row in table["img"].to_pylist()]
        x_BHW3 = np.stack([np.asarray(picture) for picture in pictures])
        label_B = torch.tensor(table["label"].to_pylist(), dtype=torch.int64)
        if x_BHW3.shape[1:] != (SIDE, SIDE, 3) or not 0 <= int(label_B.min()) <= int(label_B.max()) < len(CLASSES):
            raise ValueError(f"pictures of {x_BHW3.shape[1:]}, labels {label_B.min()} to {label_B.max()}")
    except (arrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise DataDamaged(f"{path} is damaged ({error}). Delete it and run the command again.") from error
    return torch.from_numpy(x_BHW3).permute(0, 3, 1, 2).contiguous(), label_B
