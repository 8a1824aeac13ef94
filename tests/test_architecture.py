"""The house stands as designed: each test is one of its rules, and says what to do where it is broken."""

import ast
import subprocess
from functools import cache
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
OUTSIDE = {"benchmarks", "tests"}
PROGRAMS = {"app.py", "training/__main__.py"}
"""What people start and nobody imports stands on the roof: the command line tells the README of the tabs."""
LISTED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard", "*.py"],
    cwd=ROOT, capture_output=True, text=True, check=True,
)  # fmt: skip
FILES = [Path(line) for line in LISTED.stdout.splitlines() if (ROOT / line).exists()]
MODULES = [path for path in FILES if path.suffix == ".py"]
ROOMS = [path for path in MODULES if path.parts[0].removesuffix(".py") in FLOOR]
DEMOS = [path for path in MODULES if path.parts[0] == "demos" and len(path.parts) > 2]
"""What is made of gradio: the tabs' modules and those of `_ui`."""
TABS = sorted({path.parts[1] for path in DEMOS} - {"_ui"})


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=map(str, paths))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """Every name that a module imports, wherever in it, dotted: `demos.heartbeats.nets`, `gradio.context.Context`."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def test_there_is_something_to_look_into() -> None:
    assert len(ROOMS) > 100 and len(TABS) >= 8


# 1. Imports point down only


@each(ROOMS)
def test_imports_point_down_only(path: Path) -> None:
    here = path.parts[0].removesuffix(".py")
    floor = max(FLOOR.values()) if str(path) in PROGRAMS else FLOOR[here]
    ours = packages(path) & FLOOR.keys() - {here}
    assert all(FLOOR[name] < floor for name in ours), f"{path} imports {ours}: move what it needs to a floor below"
    assert not packages(path) & OUTSIDE, "what is measured or tested knows nothing of it"
    if FLOOR[here] < FLOOR["demos"]:
        assert not packages(path) & UPSTAIRS, "only demos/ and app.py know gradio and plotly"


@each(DEMOS)
def test_no_tab_knows_another_and_ui_knows_none(path: Path) -> None:
    here = path.parts[1]
    known = {name.split(".")[1] for name in imported(path) if name.startswith("demos.")} & {*TABS}
    assert known <= {here}, f"{path} imports {known - {here}}: what two tabs need belongs into demos/_ui"


@each(MODULES)
def test_every_module_opens_with_a_caption(path: Path) -> None:
    caption = ast.get_docstring(parsed(path))
    assert caption and caption.splitlines()[0].rstrip().endswith((".", ":")), path


# 2. Nets know no page


@each([path for path in DEMOS if path.name == "nets.py" and path.parts[1] in TABS])
def test_nets_know_neither_gradio_nor_markup(path: Path) -> None:
    pages = {name for name in imported(path) if name.startswith(("gradio", "markupsafe", "demos._ui.html"))}
    assert not pages, f"{path} imports {pages}: nets.py says what the nets say; the page is made in tab.py"


# 8. One word for one thing


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_has_its_tests_under_its_own_name(tab: str) -> None:
    for path in (f"tests/demos/{tab}/test_tab.py", f"tests/browser/test_{tab}_in_chromium.py"):
        assert (ROOT / path).exists(), f"there is no {path}: tests mirror the tree"


@each([path for path in ROOMS if path.parts[:2] == ("training", "tasks") and path.stem != "__init__"])
def test_a_task_is_called_as_its_tab_or_serves_several_recipes(path: Path) -> None:
    recipes = [other for other in ROOMS if other.parts[:2] == ("training", "recipes")]
    users = [other for other in recipes if f"training.tasks.{path.stem}" in " ".join(imported(other))]
    assert path.stem in TABS or len(users) > 1, f"{path} serves {users}: call it as the tab is called, one of {TABS}"
