"""Small data sets in the layout that their upstream delivers: one module a source, each with `write(root)`.

The folder is the catalogue: `small_root` writes them all, so that a recipe's contract is tested where no data is.
"""

import importlib
import pkgutil
from pathlib import Path


def write_all(root: Path) -> Path:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}").write(root)
    return root
