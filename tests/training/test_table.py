"""RESULTS.md and the README's table are what the command would write now, and a table is written in one place."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from demos import catalogue as tabs
from models import _checkpoint
from models.mlp import MLP
from training import Metric, Recipe, Run, _table

AGAIN = "run: python -m training table --write"


@dataclass(frozen=True)
class Tab:
    title: str
    summary: str
    recipes: tuple[Recipe[Any], ...]


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of `benchmarks/results`."""
    monkeypatch.setattr(_table, "RESULTS", tmp_path / "results")
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


@pytest.fixture
def trained(recipe: Recipe[MLP], checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe[MLP]:
    """A project in which `tiny` is the only recipe, trained."""
    monkeypatch.setattr(_table, "catalogue", lambda: {"tiny": recipe})
    run = Run(recipe)
    list(run)
    run.save()
    return recipe


def keep(folder: Path, name: str, **facts: Any) -> None:
    known = {"made": "2026-01-01", "device": "an abacus", "load": 0.5}
    (folder / f"{name}.json").write_text(json.dumps(known | facts), encoding="utf-8")


def test_results_are_those_of_now() -> None:
    assert _table.PAGE.read_text(encoding="utf-8") == _table.page(), f"RESULTS.md is of another day; {AGAIN}"


def test_the_table_of_the_tabs_is_that_of_now() -> None:
    text = _table.README.read_text(encoding="utf-8")
    assert text == _table.with_tabs(text, tabs()), f"the README's table of tabs is of another day; {AGAIN}"


def test_a_table_has_no_hole_and_a_bar_in_a_cell_is_none() -> None:
    assert _table.markdown(("a", "b"), [(1, "x|y")]) == "| a | b |\n| --- | --- |\n| 1 | x\\|y |"


def test_a_checkpoint_stands_with_its_peers(trained: Recipe[MLP], results: Path) -> None:
    peer = {"name": "always 1", "metrics": {"accuracy": 0.25}, "interval": {"low": 0.125, "high": 0.5}}
    keep(results, "tiny", rows=[peer, peer | {"name": "on all folds", "n": 96, "parameters": 1000, "seconds": 2.0}])
    card = _checkpoint.card("tiny")
    own, first, second = _table.checkpoints().splitlines()[2:]
    interval = card.intervals["accuracy"]
    said = f"accuracy ↑ {100 * card.metrics['accuracy']:.2f} %** ({100 * interval['low']:.2f} to "
    assert own.startswith(f"| **`tiny`** | Blobs, n = {card.data['n_test']} | **") and said in own and "one seed" in own
    assert (
        first == f"| always 1 | the same, n = {card.data['n_test']} | accuracy ↑ 25.00 % (12.50 to 50.00) |  |  |  |  |"
    )
    assert second.startswith("| on all folds | n = 96 |") and "| 1,000 |  | 2.0 s of processor time |" in second


def test_what_is_not_trained_says_so(
    recipe: Recipe[MLP], checkpoints: Path, monkeypatch: pytest.MonkeyPatch, results: Path
) -> None:
    monkeypatch.setattr(_table, "catalogue", lambda: {"tiny": recipe})
    assert "| `tiny` | Blobs | not trained yet |" in _table.checkpoints()
    assert "| not trained yet |  |  |" in _table.tabs_table({"t": Tab("T", "It is tiny.", (recipe,))})


@pytest.mark.parametrize(("lower", "best"), [(False, "good"), (True, "poor")])
def test_the_best_peer_is_no_oracle_and_no_variant_of_ours(
    recipe: Recipe[MLP], results: Path, lower: bool, best: str
) -> None:
    unbeaten = -1.0 if lower else 2.0
    found = {"poor": ("peer", 0.1), "good": ("peer", 0.9), "mask": ("oracle", unbeaten), "turned": ("ours", unbeaten)}
    rows = [{"name": name, "role": role, "metrics": {"accuracy": v}} for name, (role, v) in found.items()]
    keep(results, "tiny", rows=rows)
    metric = Metric(key="accuracy", title="accuracy", lower_is_better=lower)
    peer = _table.best_peer(replace(recipe, headline=metric))
    assert peer and peer["name"] == best


def test_a_recipe_may_have_no_peer(recipe: Recipe[MLP], results: Path) -> None:
    assert _table.best_peer(recipe) is None


def test_promises_are_kept_or_missed(results: Path) -> None:
    claims = [{"name": "fast", "value": 1.23456, "target": "≥ 1.5", "met": False}]
    keep(results, "rain", claims=claims)
    keep(results, "snow", claims=[])
    rows = _table.promises().splitlines()[2:]
    assert rows == ["| `rain` | fast | 1.235 | ≥ 1.5 | **missed** | an abacus, load 0.5 |"]


def test_a_benchmark_shows_its_tables_its_timings_and_its_notes(results: Path) -> None:
    timing = {"name": "one", "unit": "ms", "n": 3, "median": 2.0, "deviation": 0.1, "p95": 2.5}
    table = {"caption": "By depth", "columns": ["depth", "cm"], "rows": [["deep", "9.5"]], "words": "Deep helps."}
    keep(results, "snow", rows=[timing], parts=table, notes=["It thawed."], other={"columns": "not a table"})
    text = _table.benchmark(results / "snow.json")
    assert text.startswith(
        "## snow\n\nMeasured on 2026-01-01: an abacus, load 0.5 at the start.\n\nBy depth\n\n| depth |"
    )
    assert "| deep | 9.5 |\n\nDeep helps.\n\n" in text and "| one | 3 | 2 | 0.1 | 2.5 | ms |" in text
    assert text.endswith("\n\n* It thawed.") and "not a table" not in text


def test_a_benchmark_says_in_its_own_words_what_it_does() -> None:
    text = _table.benchmark(_table.RESULTS / "startup.json")
    assert text.startswith("## startup\n\nSeconds from starting the process to the first page")


def test_writing_touches_what_lies_between_the_marks(
    trained: Recipe[MLP], results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_table, "README", tmp_path / "README.md")
    monkeypatch.setattr(_table, "PAGE", tmp_path / "RESULTS.md")
    _table.README.write_text(f"before\n{_table.BEGIN}\nold\n{_table.END}\nafter\n", encoding="utf-8")
    _table.write({"t": Tab("T", "It is tiny.", (trained,))})
    text = _table.README.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "\nold\n" not in text
    assert "| **[T](demos/t)** | `?tab=t` | It is tiny. | **accuracy ↑ " in text
    assert _table.PAGE.read_text(encoding="utf-8") == _table.page()
    _table.README.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="lost the marks"):
        _table.write({})
