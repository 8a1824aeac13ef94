"""What was measured, as Markdown, from the cards and from what the benchmarks kept: RESULTS.md, and the README's table.

A benchmark keeps `results/NAME.json`: claims beside their targets, notes, timings (`rows` with a median), and tables of
its own, each `{"caption", "columns", "rows", "words"}` under a key of its choice. A file called as a recipe keeps that
recipe's peers instead (`peers`). No line of RESULTS.md is written by hand, and no number of the README's table.
"""

import ast
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from models import Card, CheckpointMissing, _checkpoint
from training._recipe import Recipe
from training.recipes import catalogue

ROOT = Path(__file__).resolve().parent.parent
README, PAGE = ROOT / "README.md", ROOT / "RESULTS.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- tabs: python -m training table --write -->", "<!-- end of tabs -->"
VERDICT = {True: "kept", False: "**missed**"}
HEAD = """# Results

Written whole by `python -m training table --write`, from the cards in `checkpoints/` and what `benchmarks/` measured.
Every net was chosen on validation and is quoted on test, measured with exactly the weights that ship;
`python -m training evaluate NAME` says its figures again from data and weights, `make verify` those of all."""
CHECKPOINTS = """## Checkpoints

Below a **name** stand its peers and baselines, run on the same test files. ↑: higher is better, ↓: lower is better."""
PROMISES = """## Promises

What each benchmark was to show, and whether it did: a missed target stays. The last column is the load average when the
benchmark began: where it is not near zero, other work ran beside it, and a ratio is steadier than a time."""


class Tab(Protocol):
    """What the README says of a tab of the application."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def recipes(self) -> tuple[Recipe[Any], ...]: ...


def write(tabs: Mapping[str, Tab]) -> None:
    """Write RESULTS.md, and the README's table between its marks; ValueError where the marks are gone."""
    text = README.read_text(encoding="utf-8")
    README.write_text(with_tabs(text, tabs), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def with_tabs(text: str, tabs: Mapping[str, Tab]) -> str:
    """A README with the table of the tabs as it is now; ValueError where its marks are gone."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"README.md has lost the marks {BEGIN} … {END}")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{tabs_table(tabs)}\n{END}{rest.split(END)[1]}"


def page() -> str:
    """All of RESULTS.md: every checkpoint with its peers, every promise, and what each benchmark keeps besides."""
    kept = [benchmark(path) for path in sorted(RESULTS.glob("*.json")) if path.stem not in catalogue()]
    return "\n\n".join([HEAD, CHECKPOINTS, checkpoints(), PROMISES, promises(), *kept]) + "\n"


def markdown(columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """A table: the one place that knows how Markdown writes it."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |" for cells in lines)


# The tables


def tabs_table(tabs: Mapping[str, Tab]) -> str:
    """A row for every tab: its link, what it shows, the number of the net that leads it, and the best peer's."""
    columns = ("tab", "link", "what it shows", "on test (95 % interval)", "n", "best peer on the same files")
    rows = []
    for name, tab in tabs.items():
        says = (f"**[{tab.title}](demos/{name})**", f"`?tab={name}`", tab.summary)
        rows.append((*says, *(_led_by(tab.recipes[0]) if tab.recipes else ("", "", ""))))
    return markdown(columns, rows)


def checkpoints() -> str:
    """A row for every recipe, with the rows of its peers and baselines below it."""
    columns = (
        "what", "data, split", "result on test (95 % interval)", "over seeds", "parameters", "file", "trained in",
    )  # fmt: skip
    rows = []
    for name, recipe in catalogue().items():
        try:
            card = _checkpoint.card(name)
        except CheckpointMissing:
            rows.append((f"`{name}`", recipe.source.title, "not trained yet", "", "", "", ""))
            continue
        rows += [_row(recipe, card), *(_peer(recipe, card, peer) for peer in peers(name))]
    return markdown(columns, rows)


def promises() -> str:
    """Every number that a benchmark promised, as it was last measured, and how busy the machine was when it began."""
    rows = [
        (f"`{path.stem}`", c["name"], f"{c['value']:.4g}", c["target"], VERDICT[c["met"]], _machine(facts))
        for path, facts in ((path, _read(path)) for path in sorted(RESULTS.glob("*.json")))
        for c in facts.get("claims", ())
    ]
    return markdown(("benchmark", "what", "measured", "target", "", "on"), rows)


def benchmark(path: Path) -> str:
    """What one benchmark does, in its own words, and what it found besides its promises."""
    facts = _read(path)
    parts = [
        f"## {path.stem}",
        *_description(path.stem),
        f"Measured on {facts['made']}: {_machine(facts)} at the start.",
    ]
    for kept in facts.values():
        if isinstance(kept, dict) and {"columns", "rows"} <= kept.keys():
            table = markdown(kept["columns"], kept["rows"])
            parts += filter(None, [kept.get("caption"), table, kept.get("words")])
    if timed := [row for row in facts.get("rows", ()) if "median" in row]:
        parts.append(timings(timed))
    if notes := facts.get("notes"):
        parts.append("\n".join(f"* {note}" for note in notes))
    return "\n\n".join(parts)


def timings(rows: Iterable[Mapping[str, Any]]) -> str:
    """What was measured `n` times each, as `benchmarks._report.row` keeps it."""
    columns = ("what", "n", "median", "deviation", "95th percentile", "unit")
    cells = (
        (r["name"], r["n"], f"{r['median']:.4g}", f"{r['deviation']:.2g}", f"{r['p95']:.4g}", r["unit"]) for r in rows
    )
    return markdown(columns, cells)


# What they are made of


def peers(name: str) -> list[dict[str, Any]]:
    """What `benchmarks/` measured on the test files of recipe `name`: `[{"name": …, "metrics": {…}, "role": …}]`.

    A `role` other than “peer” is “oracle”, which has seen the truth, or “ours”, a variant of the net itself.
    """
    path = RESULTS / f"{name}.json"
    return _read(path)["rows"] if path.exists() else []


def best_peer(recipe: Recipe[Any]) -> dict[str, Any] | None:
    """The peer with the best headline; oracles, and variants of the net itself, are none."""
    found = [peer for peer in peers(recipe.name) if peer.get("role", "peer") == "peer"]
    sign = -1 if recipe.headline.lower_is_better else 1
    return max(found, key=lambda peer: sign * peer["metrics"][recipe.headline.key], default=None)


def over_seeds(card: Card, headline: str) -> tuple[float, float, int] | None:
    """Mean, standard deviation and number of seeds, where more than one was trained."""
    values = [metrics[headline] for metrics in card.seeds.values()]
    return (statistics.mean(values), statistics.stdev(values), len(values)) if len(values) > 1 else None


def _led_by(recipe: Recipe[Any]) -> tuple[str, str, str]:
    """The last three cells of a tab's row."""
    try:
        card = _checkpoint.card(recipe.name)
    except CheckpointMissing:
        return "not trained yet", "", ""
    peer, key = best_peer(recipe), recipe.headline.key
    beside = f"{recipe.headline.text(peer['metrics'][key])}, {peer['name']}" if peer else ""
    return f"**{_said(recipe, card.metrics)}**{_span(recipe, card.intervals.get(key))}", _n(card), beside


def _row(recipe: Recipe[Any], card: Card) -> tuple[str, ...]:
    metric, seeds = recipe.headline, over_seeds(card, recipe.headline.key)
    return (
        f"**`{recipe.name}`**",
        f"{recipe.source.title}, n = {_n(card)}",
        f"**{_said(recipe, card.metrics)}**{_span(recipe, card.intervals.get(metric.key))}",
        f"{metric.number(seeds[0])} ± {metric.scale * seeds[1]:.2g}, {seeds[2]} seeds" if seeds else "one seed",
        f"{card.parameters:,}",
        f"{card.bytes / 2**20:.2f} MiB",
        f"{card.provenance['seconds'] / 60:.0f} min, {card.provenance['device']}",
    )


def _peer(recipe: Recipe[Any], card: Card, peer: dict[str, Any]) -> tuple[str, ...]:
    return (
        peer["name"],
        f"n = {peer['n']:,}" if "n" in peer else f"the same, n = {_n(card)}",
        _said(recipe, peer["metrics"]) + _span(recipe, peer.get("interval")),
        "",
        f"{peer['parameters']:,}" if peer.get("parameters") else "",
        "",
        f"{peer['seconds']:.1f} s of processor time" if peer.get("seconds") else "",
    )


def _said(recipe: Recipe[Any], metrics: Mapping[str, float]) -> str:
    """The headline with its name, its unit, and which way is better."""
    metric = recipe.headline
    return f"{metric.title} {'↓' if metric.lower_is_better else '↑'} {metric.text(metrics[metric.key])}"


def _span(recipe: Recipe[Any], interval: Mapping[str, float] | None) -> str:
    if not interval:
        return ""
    low, high = (recipe.headline.number(interval[end]) for end in ("low", "high"))
    return f" ({low} to {high})"


def _n(card: Card) -> str:
    return f"{card.n:,}"


def _machine(facts: Mapping[str, Any]) -> str:
    return f"{facts['device']}, load {facts['load']}"


def _description(name: str) -> list[str]:
    """What `benchmarks/NAME.py`, or a folder of that name, says that it does."""
    folder = ROOT / "benchmarks"
    found = [path for path in (folder / f"{name}.py", folder / name / "__main__.py") if path.exists()]
    return [*filter(None, (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in found))]


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))
