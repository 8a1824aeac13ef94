"""MedMNIST: eighteen small medical data sets in two and three dimensions, their files, splits and evaluator.

`splits("dermamnist")`, `splits("fracturemnist3d")`: whatever the `medmnist` package lists. Its files lie below
`<root>/medmnist` under the names that the package gives them, and its own code downloads them, checksum included.
"""

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training._recipe import Arrays, Metrics, Source, Splits
from training.data._root import DataDamaged, fetching, read_now, root

ADDRESS = "https://medmnist.com"
PARTS = {"train": "train", "valid": "val", "test": "test"}
DERMA = Source(
    title="DermaMNIST",
    address=ADDRESS,
    licence="CC BY-NC 4.0",
    split="official: 7,007 / 1,003 / 2,005",
    note="The official split leaks: 886 of 2,005 test pictures show a lesion that training shows as well.",
)
DERMA_CLASSES = (
    "actinic keratoses and intraepithelial carcinoma",
    "basal cell carcinoma",
    "benign keratosis-like lesions",
    "dermatofibroma",
    "melanoma",
    "melanocytic nevi",
    "vascular lesions",
)
PATH = Source(
    title="PathMNIST",
    address=ADDRESS,
    licence="CC BY 4.0",
    split="official: 89,996 / 10,004 / 7,180",
    note="Training and test come from different centres.",
)
PATH_CLASSES = (
    "adipose",
    "background",
    "debris",
    "lymphocytes",
    "mucus",
    "smooth muscle",
    "normal colon mucosa",
    "cancer-associated stroma",
    "colorectal adenocarcinoma epithelium",
)
"""Written here as the package states them, since asking it takes seconds; a test holds the two together."""
PNEUMONIA = Source(
    title="PneumoniaMNIST",
    address=ADDRESS,
    licence="CC BY 4.0",
    split="official: 4,708 / 524 / 624",
    note="Films of children of one hospital (Guangzhou, Kermany 2018), some of them of the same child, which the file "
    "does not tell. Test is harder than validation, which was cut from the training films: a well-known shift.",
)
PNEUMONIA_CLASSES = ("normal", "pneumonia")
ADRENAL = Source(
    title="AdrenalMNIST3D",
    address=ADDRESS,
    licence="CC BY 4.0",
    split="official: 1,188 / 98 / 298",
    note="Outlines of adrenal glands in CT (Zhongshan Hospital, 792 patients), without the grey values inside, a voxel "
    "1 mm wide. A patient has two glands, and the file does not tell which two.",
)
ADRENAL_CLASSES = ("normal", "hyperplasia")
FRACTURE = Source(
    title="FractureMNIST3D",
    address=ADDRESS,
    licence="CC BY 4.0",
    split="official: 1,027 / 103 / 240",
    note="Broken ribs in CT (RibFrac), cut out around the break. 240 test volumes: an accuracy is known to 6 points.",
)
FRACTURE_CLASSES = ("buckle rib fracture", "nondisplaced rib fracture", "displaced rib fracture")


def facts(flag: str) -> dict[str, Any]:
    """What the package knows of the set; ValueError lists those that there are."""
    from medmnist import INFO  # pandas and scikit-learn come with it: not on the way of the first page

    if flag not in INFO:
        raise ValueError(f"MedMNIST has no “{flag}”. It has: {', '.join(INFO)}")
    return INFO[flag]


def classes(flag: str) -> tuple[str, ...]:
    """The names of the labels, in order."""
    return tuple(facts(flag)["label"].values())


def splits(flag: str, *, size: int = 28) -> Splits:
    """Pictures `x_B3HW` or volumes `x_B1DHW` uint8, labels `label_B` int64, and `sample_B` counting from 0.

    Grey pictures are repeated into three channels, as the package's `as_rgb` does; volumes keep their one channel. Of a
    set with several labels at once, `label_B` is `label_BC`.
    """
    return Splits(*(part(flag, name, size=size) for name in PARTS))


def part(flag: str, name: str, *, size: int = 28) -> Arrays:
    """One official split as `splits` has it: `(x_B3HW, label_B, sample_B)`, or volumes.

    Raises DataMissing where the file is not here and cannot be had, DataDamaged where it is broken.
    """
    x_BX, label_B = _decode(file(flag, size=size), PARTS[name])
    return x_BX, label_B, torch.arange(len(label_B))


def file(flag: str, *, size: int = 28) -> Path:
    """The set's `.npz` below `<root>/medmnist`, fetched by the package if it is not there.

    Raises ValueError where the package has no such set or size, DataMissing where it cannot be had.
    """
    suffix = "" if size == 28 else f"_{size}"
    path = root() / "medmnist" / f"{flag}{suffix}.npz"
    if not path.exists():
        with fetching(path, _belongs_to(flag, size, suffix)):
            _download(path, flag, size)
    return path


def _belongs_to(flag: str, size: int, suffix: str) -> str:
    """The set's name and address: of the file itself where it may be fetched, which the package knows."""
    if read_now() != "root":  # nobody waits seconds for the package where nothing is fetched
        return f"{flag} of MedMNIST ({ADDRESS})"
    known = facts(flag)
    if f"url{suffix}" not in known:
        raise ValueError(f"{flag} does not come at {size} pixels.")
    return f"{known['python_class']} of MedMNIST ({known[f'url{suffix}']})"


def _download(path: Path, flag: str, size: int) -> None:
    """The package downloads into a folder of its own, and what passes its checksum takes its place by a rename."""
    import medmnist

    folder = path.parent / ".part"
    folder.mkdir(parents=True, exist_ok=True)
    getattr(medmnist, facts(flag)["python_class"])(split="val", download=True, size=size, root=str(folder))
    (folder / path.name).replace(path)


@cache
def _decode(path: Path, part: str) -> tuple[Tensor, Tensor]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            raw, label = arrays[f"{part}_images"], arrays[f"{part}_labels"]
    except Exception as error:  # numpy, zipfile and zlib each have a word for a file cut short
        raise DataDamaged(f"{path} is damaged ({error}). Delete it and run the command again.") from error
    x_BX = torch.from_numpy(raw)
    if "3d" in path.name:
        x_BX = x_BX[:, None]
    elif x_BX.ndim == 4:
        x_BX = x_BX.permute(0, 3, 1, 2).contiguous()
    else:
        x_BX = x_BX[:, None].expand(-1, 3, -1, -1).contiguous()
    label_BC = torch.from_numpy(label.astype(np.int64))
    return x_BX, label_BC[:, 0] if label_BC.shape[1] == 1 else label_BC


def evaluate(flag: str, p_BC: Tensor, label_B: Tensor) -> Metrics:
    """Accuracy and AUC as MedMNIST's evaluator computes them.

    Its functions are asked rather than its class, which wants the file on disk a second time. A class that a split
    lacks has no AUC, and then neither has the whole.
    """
    from medmnist.evaluator import getACC, getAUC
    from sklearn.exceptions import UndefinedMetricWarning

    task, labels = facts(flag)["task"], label_B.numpy().reshape(len(label_B), -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        try:
            area = float(getAUC(labels, p_BC.numpy(), task))
        except ValueError:
            area = float("nan")
        return {"accuracy": float(getACC(labels, p_BC.numpy(), task)), "auc": area}
