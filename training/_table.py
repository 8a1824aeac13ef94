"""The results table of the README, from the cards and from what the benchmarks measured beside them."""

import json
import re
import statistics
from functools import partial
from pathlib import Path
from typing import Any

from models import _checkpoint
from models._checkpoint import Card, CheckpointMissing
from training._recipe import Recipe
from training.recipes import catalogue

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results"
VERDICT = {True: "kept", False: "**missed**"}
HEAD = """| what | data, split | result on test (95 % interval) | over seeds | parameters | file | trained in |
|---|---|---|---|---|---|---|"""


def markdown() -> str:
    """A row for every card, with the rows of its peers and baselines (`benchmarks/results/<recipe>.json`) below it."""
    rows = [HEAD]
    for name, recipe in catalogue().items():
        try:
            card = _checkpoint.card(name)
        except CheckpointMissing:
            rows.append(f"| `{name}` | {recipe.source.title} | not trained yet | | | | |")
            continue
        rows.append(_row(recipe, card))
        rows += [_peer(recipe, card, peer) for peer in peers(name)]
    return "\n".join(rows)


def promises() -> str:
    """Every number that a benchmark promised, as it was last measured, and how busy the machine was when it began."""
    rows = ["| benchmark | what | measured | target | | on, at load |", "|---|---|---|---|---|---|"]
    for path in sorted(RESULTS.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        rows += [
            f"| `{path.stem}` | {c['name']} | {c['value']:.4g} | {c['target']} | {VERDICT[c['met']]} "
            f"| {facts['device']}, {facts['load']} |"
            for c in facts.get("claims", ())
        ]
    return "\n".join(rows)


def detail(name: str) -> str:
    """The table `{"columns": […], "rows": [[…], …]}` that a benchmark keeps in its results.

    `denoising` is the one it calls `table`, `denoising_parts` the one it calls `parts`.
    """
    benchmark, _, key = name.partition("_")
    path = RESULTS / f"{benchmark}.json"
    if not path.exists():
        return f"Not measured yet: python -m benchmarks.{benchmark}"
    kept = json.loads(path.read_text(encoding="utf-8"))[key or "table"]
    lines = [kept["columns"], ["---"] * len(kept["columns"]), *kept["rows"]]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def compression() -> str:
    """What `benchmarks/compression.py` measured of every way to make the two MNIST nets smaller."""
    path = RESULTS / "compression.json"
    rows = [
        "| net | method | point | type | accuracy (95 % interval) | parameters | bytes | × smaller | MACs | time × |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else ():
        rows.append(
            f"| `{r['of']}` | {r['method']} | {r['point']} | {r['precision']} | {r['accuracy']:.4f} ({r['low']:.4f} to "
            f"{r['high']:.4f}) | {r['parameters']:,} | {r['bytes']:,} | {r['times_smaller']:.1f} | {r['macs']:,} | "
            f"{r['latency_ratio']:.2f} |"
        )
    return "\n".join(rows)


def write() -> None:
    """Put the tables between their marks in the README; ValueError where the marks are gone."""
    text = README.read_text(encoding="utf-8")
    tables = {"results": markdown, "promises": promises, "compression": compression}
    marked = re.findall(r"<!-- (\w+): python -m training table --write -->", text)
    for name in dict.fromkeys([*tables, *marked]):
        table = tables.get(name, partial(detail, name))
        begin, end = f"<!-- {name}: python -m training table --write -->", f"<!-- end of {name} -->"
        if begin not in text or end not in text:
            raise ValueError(f"README.md has lost the marks {begin} … {end}")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{table()}\n{end}{rest.split(end)[1]}"
    README.write_text(text, encoding="utf-8")


def peers(name: str) -> list[dict[str, Any]]:
    """What `benchmarks/` measured on the same test files: `[{"name": …, "metrics": {…}}]`."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text())["rows"] if path.exists() else []


def over_seeds(card: Card, headline: str) -> tuple[float, float, int] | None:
    """Mean, standard deviation and number of seeds, where more than one was trained."""
    values = [metrics[headline] for metrics in card.seeds.values()]
    return (statistics.mean(values), statistics.stdev(values), len(values)) if len(values) > 1 else None


def _row(recipe: Recipe[Any], card: Card) -> str:
    value, seeds = card.metrics[recipe.headline.key], over_seeds(card, recipe.headline.key)
    cells = (
        f"**`{recipe.name}`**",
        f"{recipe.source.title}, n = {card.data['n_test']:,}",
        f"**{recipe.headline.key} {value:.4f}**" + _span(card.intervals.get(recipe.headline.key)),
        f"{seeds[0]:.4f} ± {seeds[1]:.4f}, {seeds[2]} seeds" if seeds else "one seed",
        f"{card.parameters:,}",
        f"{card.bytes / 2**20:.2f} MiB",
        f"{card.provenance['seconds'] / 60:.0f} min, {card.provenance['device']}",
    )
    return f"| {' | '.join(cells)} |"


def _span(interval: dict[str, float] | None) -> str:
    return f" ({interval['low']:.4f} to {interval['high']:.4f})" if interval else ""


def _peer(recipe: Recipe[Any], card: Card, peer: dict[str, Any]) -> str:
    cells = (
        peer["name"],
        f"the same, n = {card.data['n_test']:,}",
        f"{recipe.headline.key} {peer['metrics'][recipe.headline.key]:.4f}" + _span(peer.get("interval")),
        "",
        f"{peer['parameters']:,}" if peer.get("parameters") else "",
        "",
        f"{peer['seconds']:.1f} s of processor time" if peer.get("seconds") else "",
    )
    return f"| {' | '.join(cells)} |"
