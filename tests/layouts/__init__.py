"""Small data sets in the layout that their upstream delivers: one module a source, each with `write(root)`.

The folder is the catalogue: `small_root` writes them all, so that a recipe's contract is tested where no data is. That
takes the first 16 rows of each split, so every class must be among them, or a metric of two classes has but one to see.
"""

import importlib
import pkgutil
from pathlib import Path


def write_all(root: Path) -> Path:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}").write(root)
    return root
