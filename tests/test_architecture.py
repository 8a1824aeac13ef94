"""The house stands as designed (its eight rules): each test is one rule, and says what to do where it is broken."""

import ast
import re
import subprocess
from collections.abc import Iterator
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
LONGEST = 60
TAG = re.compile(r"<[a-z][a-z0-9]*(\s[^<>]*)?/?>")
SCRIPT = re.compile(r"=>|\bdocument\.|\bwindow\.|addEventListener")
LISTED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard", "*.py", "*.css"],
    cwd=ROOT, capture_output=True, text=True, check=True,
)  # fmt: skip
FILES = [Path(line) for line in LISTED.stdout.splitlines() if (ROOT / line).exists()]
MODULES = [path for path in FILES if path.suffix == ".py"]
ROOMS = [path for path in MODULES if path.parts[0].removesuffix(".py") in FLOOR]
DEMOS = [path for path in MODULES if path.parts[0] == "demos" and len(path.parts) > 2]
"""What is made of gradio: the tabs' modules and those of `_ui`."""
TABS = sorted({path.parts[1] for path in DEMOS} - {"_ui"})
HOUSE, SHEETS = Path("demos/_ui/style.css"), [path for path in FILES if path.match("demos/*/style.css")]


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


def strings(path: Path) -> Iterator[tuple[ast.expr, str, list[ast.AST]]]:
    """Every string of a module that is no docstring, with its text and what it stands in, the nearest last."""

    def walk(node: ast.AST, around: list[ast.AST]) -> Iterator[tuple[ast.expr, str, list[ast.AST]]]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, ast.JoinedStr):
            yield node, "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)), around
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value, around
        else:
            for child in ast.iter_child_nodes(node):
                yield from walk(child, [*around, node])

    yield from walk(parsed(path), [])


def test_there_is_something_to_look_into() -> None:
    assert len(ROOMS) > 100 and len(TABS) >= 8 and HOUSE in SHEETS


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


@each(DEMOS)
def test_tabs_come_into_the_gym_by_its_door(path: Path) -> None:
    private = {name for name in imported(path) if name.startswith(("training._", "training.data._"))}
    assert not private, (
        f"{path} imports {private}: take it from `training`, or move what only measures to a floor below"
    )


@each(MODULES)
def test_every_module_opens_with_a_caption(path: Path) -> None:
    caption = ast.get_docstring(parsed(path))
    assert caption and caption.splitlines()[0].rstrip().endswith((".", ":")), path


# 2. Nets know no page, drawings know neither page nor checkpoint


def draws(path: Path) -> bool:
    """Whether a module of a tab draws: it is called so, or writes HTML, and is no part of the page with a script."""
    named = path.parts[1] in TABS and path.name == "figures.py"
    writes = path.parts[1] in TABS and any(TAG.search(text) for _, text, _ in strings(path))
    return (named or writes) and not (ROOT / path).with_suffix(".js").exists()


@each([path for path in DEMOS if path.name == "nets.py" and path.parts[1] in TABS])
def test_nets_know_neither_gradio_nor_markup(path: Path) -> None:
    pages = {name for name in imported(path) if name.startswith(("gradio", "markupsafe", "demos._ui.html"))}
    assert not pages, f"{path} imports {pages}: nets.py says what the nets say; the page is made in tab.py"


@each([path for path in DEMOS if draws(path)])
def test_drawings_know_neither_gradio_nor_a_checkpoint(path: Path) -> None:
    pages = {name for name in imported(path) if name.startswith(("gradio", "models._checkpoint"))}
    assert pages <= {"models._checkpoint.Card"}, f"{path} imports {pages}: hand it values, and load them in nets.py"


# 3. A sheet defines its own classes


def selectors(path: Path) -> list[str]:
    """Every selector of a sheet, those of a list one by one."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.S)
    heads = [head.strip() for head in re.findall(r"([^{};]+)\{", text)]
    return [one.strip() for head in heads if not head.startswith("@") for one in re.split(r",(?![^(]*\))", head)]


def classes(selector: str) -> list[str]:
    return re.findall(r"\.(wl-[\w-]+)", selector)


@each([path for path in SHEETS if path != HOUSE])
def test_a_sheet_defines_its_own_classes_only(path: Path) -> None:
    house = {name for selector in selectors(HOUSE) for name in classes(selector)}
    own = f"wl-{path.parts[1]}-"
    for selector in selectors(path):
        if selector in (":root", ".dark", "from", "to"):  # colours by name, and the ends of a movement
            continue
        names = classes(selector)
        remedy = f"“{selector}” in {path} would restyle other tabs: begin with a class of its own, {own}…"
        assert names and names[0].startswith(own), remedy
        foreign = {name for name in names if not name.startswith(own)} - house
        assert not foreign, f"“{selector}” in {path} uses {foreign}, which neither it nor demos/_ui/style.css defines"


def test_no_two_sheets_name_the_same_colour() -> None:
    owner: dict[str, Path] = {}
    for path in SHEETS:
        for name in set(re.findall(r"(?<![\w-])(--wl-[\w-]+)\s*:", (ROOT / path).read_text(encoding="utf-8"))):
            assert owner.setdefault(name, path) == path, (
                f"{name} is set by {owner[name]} and by {path}: call it otherwise"
            )


def test_the_houses_sheet_holds_what_two_tabs_use() -> None:
    texts: dict[str, str] = {}
    for path in [*DEMOS, *(p.relative_to(ROOT) for p in (ROOT / "demos").glob("*/*.js"))]:
        texts[path.parts[1]] = texts.get(path.parts[1], "") + (ROOT / path).read_text(encoding="utf-8")
    widgets = (p.read_text(encoding="utf-8") for p in (ROOT / "demos/_ui/widgets").glob("*.js"))
    texts["_ui"] += "".join(widgets)
    for name in sorted({name for selector in selectors(HOUSE) for name in classes(selector)}):
        users = {user for user, text in texts.items() if re.search(rf"\b{name}(?![\w-])", text)}
        remedy = f".{name} is used by {users or 'nobody'}: move it into that tab's sheet, or delete it"
        assert "_ui" in users or len(users) > 1, remedy


# 4. Tags stand where pictures are drawn, and everything else is escaped


@each([path for path in ROOMS if path not in DEMOS or path.name in ("__init__.py", "tab.py", "nets.py")])
def test_no_tag_where_nothing_is_drawn(path: Path) -> None:
    if path.parts[:2] == ("demos", "_ui"):
        return
    tags = [f"line {node.lineno}: {text.strip()[:60]}" for node, text, _ in strings(path) if TAG.search(text)]
    assert not tags, f"{path} writes HTML ({tags}): say it with demos/_ui/html.py, or draw it in figures.py"


@each(DEMOS)
def test_markup_is_built_by_markup_alone(path: Path) -> None:
    for node, text, around in strings(path):
        if TAG.search(text) and not any(isinstance(n, ast.keyword) and n.arg == "hovertemplate" for n in around):
            where = f"{path}:{node.lineno}: {text.strip()[:60]}"
            assert not isinstance(node, ast.JoinedStr), f"{where}: an f-string escapes nothing, Markup(…).format does"
            if "${" not in text:  # a template, which is filled in the browser
                calls = {ast.unparse(call.func) for call in around if isinstance(call, ast.Call)}
                assert "Markup" in calls, f"{where}: wrap it in Markup(…)"


# 5. JavaScript of more than a line is a file


@each(DEMOS)
def test_a_script_is_a_file(path: Path) -> None:
    for node, text, _ in strings(path):
        if SCRIPT.search(text) and "<" not in text:
            remedy = f"{path}:{node.lineno} holds a script: put it into a .js file beside the module"
            assert "\n" not in text.strip() and len(text) <= 120, remedy


# Sliders answer to keys as to the mouse


@each(DEMOS)
def test_a_slider_answers_to_its_keys(path: Path) -> None:
    """`.release` is the pointer's alone; `.input` is the keys' too, and a Wire answers the last one asked."""
    found = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)]
    heard = {ast.unparse(node.value) for node in found if node.attr == "input"}
    deaf = {ast.unparse(node.value) for node in found if node.attr == "release"} - heard
    assert not deaf, f"{path}: {deaf} hears the pointer's release only: wire .input, with .release beside it or without"


# 6. Functions fit on a screen


@each(MODULES)
def test_functions_fit_on_a_screen(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= LONGEST, f"{path}: {node.name} has {lines} lines; a function for each of its parts, please"


# 8. One word for one thing (7, that everything which computes goes through a Wire, is in tests/demos/test_tabs.py)


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_has_its_tests_under_its_own_name(tab: str) -> None:
    for path in (f"tests/demos/{tab}/test_tab.py", f"tests/browser/test_{tab}_in_chromium.py"):
        assert (ROOT / path).exists(), f"there is no {path}: tests mirror the tree"


@each([path for path in ROOMS if path.parts[:2] == ("training", "tasks") and path.stem != "__init__"])
def test_a_task_is_called_as_its_tab_or_serves_several_recipes(path: Path) -> None:
    recipes = [other for other in ROOMS if other.parts[:2] == ("training", "recipes")]
    users = [other for other in recipes if f"training.tasks.{path.stem}" in " ".join(imported(other))]
    assert path.stem in TABS or len(users) > 1, f"{path} serves {users}: call it as the tab is called, one of {TABS}"


@each(DEMOS)
def test_evidence_is_the_file_beside_the_weights(path: Path) -> None:
    named = [n.name for n in ast.walk(parsed(path)) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert not [name for name in named if "evidence" in name.lower()], "another word, please: scores, say, or measured"
