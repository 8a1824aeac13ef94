"""CRCHistoPhenotypes: nuclei in H&E-stained colon tissue, 27 × 27 RGB, four kinds of cell, split by patient."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, DataMissing, root

SOURCE = Source(
    title="CRCHistoPhenotypes, cell patches",
    address="https://warwick.ac.uk/fac/cross_fac/tia/data/crchistolabelednucleihe",
    licence="research use only",
    weights_licence="research use only, as the data",
    split="by patient: 42 to train, 6 to validate, 12 to test",
    note="Colon cells of 60 patients from one hospital, cut out at marked nuclei (Sirinukunwattana et al. 2016); it "
    "stands in for PathMNIST. Twelve test patients leave the interval wide. "
    "The six validation patients have 47 cells of the rarest kind between them, too few to choose an epoch by.",
)
CLASSES = ("fibroblast", "inflammatory", "epithelial", "other")
SIDE = 27
FILES = {"train": "train.parquet", "valid": "validation.parquet", "test": "test.parquet"}


def splits() -> Splits:
    """Pictures `x_B3HW` uint8, labels `label_B` int64 into `CLASSES`, and `patient_B` int64, from 0 in each split."""
    return Splits(*(part(name) for name in FILES))


def part(name: str) -> Arrays:
    """One file, `train`, `valid` or `test`: `(x_B3HW, label_B, patient_B)`, as `splits` has them.

    Raises DataMissing where it is not here, DataDamaged where it is broken.
    """
    path = root() / "crc_cells" / FILES[name]
    if not path.exists():
        raise DataMissing(
            f"{path} is not here. The cells belong to {SOURCE.title} ({SOURCE.address}), which is handed out for "
            "research on request, so nothing can download it: put the parquet files there."
        )
    return _decode(path)


@cache
def _decode(path: Path) -> tuple[Tensor, Tensor, Tensor]:
    import pyarrow as arrow  # not on the way of the first page
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(path)
        pictures = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in table["image"].to_pylist()]
        x_B3HW = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
        patients = table["patient"].to_pylist()
        number = {patient: i for i, patient in enumerate(sorted(set(patients)))}
        return x_B3HW, torch.tensor(table["label"].to_pylist()), torch.tensor([number[p] for p in patients])
    except (arrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise DataDamaged(f"{path} is damaged ({error}). Put it there again.") from error
