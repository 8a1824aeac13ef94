"""One file per checkpoint; the file's name is the recipe's name."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from training._recipe import Recipe


@cache
def catalogue() -> dict[str, Recipe[Any]]:
    """Every recipe by name: the folder is the list."""
    found = (importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
    return {module.recipe.name: module.recipe for module in found}


def find(name: str) -> Recipe[Any]:
    """The recipe called `name`; ValueError lists those that there are."""
    try:
        return catalogue()[name]
    except KeyError:
        raise ValueError(f"There is no recipe “{name}”. There are: {', '.join(catalogue())}") from None
