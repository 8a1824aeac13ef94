"""What the README and the page on adding a tab say is so: paths that are there, code that runs, a tab that works."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

import demos
from demos._ui import limits, shell
from demos._ui.demo import Demo

ROOT = Path(__file__).resolve().parent.parent
README, PAGE, HOSTING = (ROOT / name for name in ("README.md", "docs/adding-a-tab.md", "docs/hosting.md"))
TEXTS = pytest.mark.parametrize("path", [README, PAGE, HOSTING], ids=["README", "adding-a-tab", "hosting"])


def code(path: Path) -> list[tuple[str, str]]:
    """Every block of Python with the path that is named on the line before it, if one is."""
    text, found = path.read_text(encoding="utf-8"), []
    for block in re.finditer(r"```python\n(.*?)```", text, re.DOTALL):
        line = text[: block.start()].rstrip().splitlines()[-1]
        named = re.findall(r"`([^`]+\.py)`", line)
        found.append((named[-1] if named else "", block.group(1)))
    return found


@pytest.mark.parametrize(("path", "most"), [(README, 200), (HOSTING, 150)], ids=["README", "hosting"])
def test_it_can_be_read_in_one_sitting(path: Path, most: int) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


@TEXTS
def test_what_is_named_is_there(path: Path) -> None:
    text = re.sub(r"```python\n.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    rooms = r"demos|training|models|signals|metrics|compression|explanation|benchmarks|tests|docs|checkpoints"
    named = {name for name in re.findall(rf"[`(]((?:{rooms})/[\w/.-]+)[`)]", text) if "sine" not in name}
    named = {name for name in named if not re.search(r"NAME|RECIPE|SOURCE|<", name)}
    assert len(named) > 3
    assert not [name for name in named if not (ROOT / name).exists()]


@TEXTS
def test_the_commands_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"(?:^|`)make ([a-z-]+)", text, flags=re.MULTILINE)
    assert targets and all(f"\n{target}:" in makefile for target in targets)
    modules = set(re.findall(r"python -m ([a-z_.]+)", text))
    assert all(importlib.util.find_spec(name) for name in modules)


def test_hosting_names_bounds_and_variables_that_are_there() -> None:
    text = HOSTING.read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)[=`]", text)) - {"GET", "SIGTERM", "CPU_INDEX"}
    known = set(vars(limits)) | set(re.findall(r"[A-Z_]{4,}", README.read_text(encoding="utf-8")))
    foreign = {"FORWARDED_ALLOW_IPS"}  # of uvicorn
    assert len(named & set(vars(limits))) > 10 and named <= known | foreign


def test_the_door_lets_in_what_the_server_takes() -> None:
    (most,) = re.findall(r"client_max_body_size (\d+)m;", HOSTING.read_text(encoding="utf-8"))
    assert 0 < int(most) * limits.MIB - limits.UPLOADED_FILES * limits.FILE_BYTES < 8 * limits.MIB


@pytest.fixture
def sine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    """The worked example, beside the tabs that are there."""
    for name, text in code(PAGE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(demos, "__path__", [*demos.__path__, str(tmp_path / "demos")])
    yield importlib.import_module("demos.sine").demo
    for name in [name for name in sys.modules if name.startswith("demos.sine")]:
        del sys.modules[name]
    del demos.sine  # type: ignore[attr-defined]


def test_the_worked_example_is_a_tab_that_answers(sine: Demo, tmp_path: Path) -> None:
    with gr.Blocks(analytics_enabled=False) as page:
        shell.tabs({"sine": sine})
    assert "show_tone" in {event.api_name for event in page.fns.values()}
    tests = dict(code(PAGE))["tests/demos/sine/test_tab.py"]
    (tmp_path / "test_sine.py").write_text(tests, encoding="utf-8")
    found = pytest.main(["-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path / "test_sine.py")])
    assert found == pytest.ExitCode.OK


@pytest.mark.slow
def test_the_examples_for_programs_run(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    ((_, text),) = code(README)
    names: dict[str, Any] = {}
    exec(compile(text.replace("http://127.0.0.1:7860/", server), "README.md", "exec"), names)
    assert names["ready"]["value"].endswith(".zip") and "28 × 28" in names["picture"]
