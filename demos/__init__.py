"""One folder per tab, and `_ui`, which is what tabs are made of."""

import importlib
import pkgutil
from functools import cache

from demos._ui.demo import GROUPS, Demo


@cache
def catalogue() -> dict[str, Demo]:
    """Every tab by its folder's name, in the order of its group and number: the folders are the list."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    found = {name: importlib.import_module(f"demos.{name}").demo for name in names}
    return dict(sorted(found.items(), key=lambda item: (GROUPS.index(item[1].group), item[1].number)))
