"""TCGA-LGG: slices of brain scans before contrast agent and in FLAIR, registered, with the tumour's outline."""

import io
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from signals.scan import head
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, DataMissing, root

SOURCE = Source(
    title="TCGA-LGG brain scans",
    address="https://www.kaggle.com/datasets/mateuszbuda/lgg-mri-segmentation",
    licence="CC BY-NC-SA 4.0",
    weights_licence="CC BY-NC-SA 4.0, as the data",
    split="by patient: 69 to train, 10 to validate, 20 to test",
    note="Up to 14 slices a patient from the middle half of the head, 128 × 128 (Buda et al. 2019). Lower-grade "
    "gliomas, scanners of five hospitals; a slice says nothing of how bright its scanner showed the other contrast. "
    "For teaching, never for a patient.",
)
SIDE = 128
CONTRASTS = {"pre_contrast": "pre-contrast", "flair": "FLAIR"}
FILES = {"train": "train.parquet", "valid": "validation.parquet", "test": "test.parquet"}
TOP = 0.999
"""The share of a training target's pixels that are darker than what counts as 1."""


def splits(*, source: str = "pre_contrast", target: str = "flair") -> Splits:
    """`(source_B1HW uint8, target_B1HW float32, head_B1HW bool, tumour_B1HW bool, patient_B int64)`.

    Targets are divided by one number for all, `top(target)`, and clipped at 1; patients count from 0 in each split.
    DataMissing, DataDamaged.
    """
    return Splits(*(part(name, source=source, target=target) for name in FILES))


def part(name: str, *, source: str = "pre_contrast", target: str = "flair") -> Arrays:
    """One split, `train`, `valid` or `test`: `(source_B1HW, target_B1HW, head_B1HW, tumour_B1HW, patient_B)`."""
    return _arrays(_folder(), FILES[name], source, target)


def top(target: str) -> float:
    """The 8-bit brightness that counts as 1: what one in a thousand pixels of the training slices exceeds."""
    return _top(_folder(), target)


def patients(name: str) -> list[str]:
    """The patients of split `train`, `valid` or `test`, as `patient_B` counts them."""
    return _decode(_folder() / FILES[name])[1]


def slices(name: str) -> list[tuple[str, int]]:
    """Patient and number of every slice of split `train`, `valid` or `test`, in order."""
    import pyarrow.parquet as parquet  # not on the way of the first page

    columns = parquet.read_table(_folder() / FILES[name], columns=["patient", "slice"]).to_pydict()
    return list(zip(columns["patient"], columns["slice"], strict=True))


def _folder() -> Path:
    folder = root() / "lgg_mri"
    missing = [name for name in FILES.values() if not (folder / name).exists()]
    if missing:
        raise DataMissing(
            f"{folder / missing[0]} is not here. {SOURCE.title} ({SOURCE.address}) wants an account, so nothing can "
            "download it: put train.parquet, validation.parquet and test.parquet there, with the columns patient, "
            "slice, pre_contrast, flair and mask (PNG)."
        )
    return folder


@cache
def _arrays(folder: Path, file: str, source: str, target: str) -> Arrays:
    planes, names, patient_B = _decode(folder / file)
    number = {name: i for i, name in enumerate(names)}
    target_B1HW = (planes[target].float() / _top(folder, target)).clamp(max=1)
    index_B = torch.tensor([number[name] for name in patient_B])
    return planes[source], target_B1HW, _heads(folder / file), planes["mask"] > 127, index_B


@cache
def _top(folder: Path, target: str) -> float:
    return float(np.quantile(_decode(folder / FILES["train"])[0][target].numpy(), TOP))


@cache
def _heads(path: Path) -> Tensor:
    """Where the head is in either contrast of every slice, `(B, 1, H, W)` bool; it takes a while."""
    planes, *_ = _decode(path)
    brightest_BHW = torch.maximum(*(planes[name][:, 0] for name in CONTRASTS)).float() / 255
    return torch.stack([head(x_HW) for x_HW in brightest_BHW])[:, None]


@cache
def _decode(path: Path) -> tuple[dict[str, Tensor], list[str], list[str]]:
    """Planes `_B1HW` uint8 by column, the patients in order, and each slice's patient."""
    import pyarrow as arrow  # not on the way of the first page
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(path)
        planes = {name: _plane(table[name].to_pylist()) for name in (*CONTRASTS, "mask")}
        patient_B = table["patient"].to_pylist()
    except (arrow.ArrowException, OSError, SyntaxError, KeyError, ValueError) as error:
        raise DataDamaged(f"{path} is damaged ({error}). Put it there again.") from error
    return planes, sorted(set(patient_B)), patient_B


def _plane(files: list[bytes]) -> Tensor:
    pictures = [np.asarray(Image.open(io.BytesIO(png)).convert("L")) for png in files]
    return torch.from_numpy(np.stack(pictures))[:, None]


to_flair = partial(splits, source="pre_contrast", target="flair")
from_flair = partial(splits, source="flair", target="pre_contrast")
