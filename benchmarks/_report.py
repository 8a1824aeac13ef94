"""How every benchmark reports: a table with n, median and deviation, and its claims beside their targets.

`results/NAME.json` holds `{"benchmark", "made", "device", "cores", "load", …, "rows": [Row], "claims": [Claim],
"notes": [str]}`; `load` is the machine's load average when the benchmark began: timings mean something only where it
was near zero. Tables of its own, `{"caption", "columns", "rows", "words"}` under any further key, stand in RESULTS.md.
"""

import argparse
import json
import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

import torch

from training._facts import provenance
from training._table import timings

RESULTS = Path(__file__).resolve().parent / "results"


class Row(TypedDict):
    """`n` measurements of one thing; `deviation` is their sample standard deviation (0 where there is but one)."""

    name: str
    unit: str
    n: int
    median: float
    deviation: float
    p95: float


class Claim(TypedDict):
    """A number that was promised, and whether the promise was kept."""

    name: str
    value: float
    target: str
    met: bool


def row(name: str, values: Sequence[float], *, unit: str) -> Row:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return Row(
        name=name, unit=unit, n=len(values), median=statistics.median(values), deviation=deviation, p95=p95(values)
    )


def p95(values: Sequence[float]) -> float:
    """The smallest value that at least 95 % of `values` do not exceed."""
    return sorted(values)[-(-95 * len(values) // 100) - 1]


def claim(name: str, value: float, relation: Literal["≥", "≤"], target: float) -> Claim:
    met = value >= target if relation == "≥" else value <= target
    return Claim(name=name, value=value, target=f"{relation} {target:g}", met=met)


def machine() -> dict[str, Any]:
    """What to quote with every number; call it first, while the load is still somebody else's."""
    return provenance(torch.device("cpu")) | {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}


def report(
    name: str,
    measured_on: dict[str, Any],
    rows: Sequence[Row],
    *,
    claims: Sequence[Claim] = (),
    notes: Sequence[str] = (),
    tables: Mapping[str, Any] | None = None,
    keep: bool = True,
) -> None:
    """Print the table and the claims; `keep` them in `results/NAME.json`, with further tables by their keys."""
    print(f"{name}: {measured_on['device']} of {measured_on['cores']} cores, load {measured_on['load']} at the start\n")
    print(timings(rows), end="\n\n")
    for c in claims:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    print(*(f"note   {note}" for note in notes), sep="\n")
    if keep:
        facts = {"benchmark": name, **measured_on, "rows": list(rows), "claims": list(claims), "notes": list(notes)}
        facts |= tables or {}
        write(name, facts)


def write(name: str, facts: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """The one flag that all benchmarks share."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few seconds, to see that it works; keeps no results")
    return parser
