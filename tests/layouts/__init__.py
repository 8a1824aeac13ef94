"""A data root to test with: the samples that ship, and made-up data in upstream's layout where none may.

One module a made-up source, each with `write(root)`. The folder is the catalogue: `small_root` has them all, so that a
recipe's contract is tested where no data is. That takes the first 16 rows of each split, so every class must be among
them, or a metric of two classes has but one to see.
"""

import importlib
import pkgutil
import shutil
from pathlib import Path

from training.data._root import SAMPLES

SHIPPED = ("hub", "LibriSpeech", "an4", "esc10", "lgg_mri", "medmnist")
"""Samples that are whole by themselves: every file that a loader wants of the source is there."""


def write_all(root: Path) -> Path:
    for folder in SHIPPED:
        shutil.copytree(SAMPLES / folder, root / folder)
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}").write(root)
    return root
