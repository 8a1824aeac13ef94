"""MNIST: 70,000 handwritten digits, 28 × 28, in their official split; the last twelfth of training validates."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, hub_file

SOURCE = Source(
    title="MNIST",
    address="https://huggingface.co/datasets/ylecun/mnist",
    licence="CC BY-SA 3.0",
    split="official test; validation is the last 5,000 of the official training set",
    note="Test writers are not in the training set; validation is cut by order, since the files name no writers.",
    download="15 MB",
)
REPOSITORY = "ylecun/mnist"
FILES = {split: f"mnist/{split}-00000-of-00001.parquet" for split in ("train", "test")}
VALID = 12
"""One training digit in so many validates: 5,000 of 60,000."""


def splits() -> Splits:
    """Pictures `x_B1HW` uint8 and labels `label_B` int64."""
    return cut_off(official("train"), official("test"))


def cut_off(train: Arrays, test: Arrays) -> Splits:
    """The last twelfth of an official training split, to validate."""
    cut = len(train[0]) - len(train[0]) // VALID
    return Splits(tuple(t[:cut].contiguous() for t in train), tuple(t[cut:].contiguous() for t in train), test)


def official(split: str) -> Arrays:
    """One official split, `(x_B1HW uint8, label_B int64)`; see `hub_file` for what is raised."""
    return decoded(hub_file(REPOSITORY, FILES[split]))


@cache
def decoded(path: Path) -> tuple[Tensor, Tensor]:
    """`x_B1HW` uint8 and `label_B` int64 of a hub's file of pictures; DataDamaged where it is none."""
    import pyarrow as arrow  # not on the way of the first page
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(path)
        pictures = [np.asarray(Image.open(io.BytesIO(row["bytes"]))) for row in table["image"].to_pylist()]
        x_B1HW = torch.from_numpy(np.stack(pictures)).unsqueeze(1)
        return x_B1HW, torch.tensor(table["label"].to_pylist(), dtype=torch.int64)
    except (arrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise DataDamaged(f"{path} is damaged ({error}). Delete it and run the command again.") from error
