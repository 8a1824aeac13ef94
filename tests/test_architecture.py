"""The house stands as designed: imports point down, gradio and plotly stay upstairs, every room has its caption."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOOR = {
    "signals": 1,
    "metrics": 1,
    "models": 2,
    "compression": 3,
    "explanation": 3,
    "training": 4,
    "demos": 5,
    "app": 6,
}
UPSTAIRS = {"gradio", "plotly"}
PROGRAMS = {"app.py", "training/__main__.py"}
"""What people start and nobody imports stands on the roof: the command line tells the README of the tabs."""
LISTED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
)
MODULES = [ROOT / line for line in LISTED.stdout.splitlines() if (ROOT / line).exists()]


def imports(path: Path) -> set[str]:
    """The top-level names that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def rooms() -> list[Path]:
    return [path for path in MODULES if path.relative_to(ROOT).parts[0].removesuffix(".py") in FLOOR]


def test_there_are_rooms_to_look_into() -> None:
    assert len(rooms()) > 15


@pytest.mark.parametrize("path", rooms(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_only(path: Path) -> None:
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    floor = max(FLOOR.values()) if str(path.relative_to(ROOT)) in PROGRAMS else FLOOR[here]
    ours = imports(path) & FLOOR.keys() - {here}
    assert all(FLOOR[name] < floor for name in ours), f"{path.relative_to(ROOT)} imports {ours}"
    if FLOOR[here] < FLOOR["demos"]:
        assert not imports(path) & UPSTAIRS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_a_caption(path: Path) -> None:
    caption = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert caption and caption.splitlines()[0].rstrip().endswith((".", ":")), path
