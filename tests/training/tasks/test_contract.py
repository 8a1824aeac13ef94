"""Every task plays the same four parts under the same names, so that whoever knows one recipe knows them all."""

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

from training import tasks

ROLES = {
    "step": ["model", "batch", "optimizers", "generator"],
    "evaluate": ["model", "split"],
    "intervals": ["model", "split"],
    "evidence": ["model", "splits"],
}
"""What a recipe hands to each; whatever else a task wants to know, it takes by keyword."""
MODULES = [importlib.import_module(f"training.tasks.{m.name}") for m in pkgutil.iter_modules(tasks.__path__)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("task", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_task_plays_its_part(task: ModuleType, role: str) -> None:
    function = getattr(task, role, None)
    assert inspect.isfunction(function) and function.__module__ == task.__name__, f"{task.__name__} has no {role}"
    given = inspect.signature(function).parameters.values()
    assert [p.name for p in given if p.kind is not p.KEYWORD_ONLY] == ROLES[role]
    assert inspect.getdoc(function), f"{task.__name__}.{role} does not say what it does"
