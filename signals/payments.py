"""A visitor's own table of card payments: a CSV with the columns V1 to V28 and Amount, read cell by cell."""

import csv
import math
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

FEATURES = (*(f"V{i}" for i in range(1, 29)), "Amount")
"""Principal components that only the bank can name, and an amount in euros."""
MAX_ROWS = 50_000
MAX_VALUE = 1e6
"""Further from zero than any number of the whole table: what lies beyond is a mistake."""
EMPTY = "This table is empty: it needs a line of column names, and a payment in each line below."


class Payments(NamedTuple):
    """Rows `x_BD` in the order of `FEATURES`, and `label_B` (1: fraud) where the table has a column “Class”."""

    x_BD: Tensor
    label_B: Tensor | None


def read(path: str | Path) -> Payments:
    """Read a CSV in any order of columns; ValueError in a visitor's words where it is none, or is too large."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            return _parsed(csv.reader(file))
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise ValueError(
            "This file is not a table that can be read. Save it as CSV, with commas, and retry."
        ) from error


def _parsed(lines: Any) -> Payments:
    names = [name.strip() for name in next(lines, [])]
    if not any(names):
        raise ValueError(EMPTY)
    if missing := [name for name in FEATURES if name not in names]:
        some = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise ValueError(
            f"This table lacks the columns {some}. It needs V1 to V28 and Amount, named in its first line."
        )
    place, truth = [names.index(name) for name in FEATURES], names.index("Class") if "Class" in names else None
    rows: list[list[float]] = []
    labels: list[float] = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) == MAX_ROWS:
            raise ValueError(f"This table has more than {MAX_ROWS:,} payments, the most that are scored here: cut it.")
        rows.append([_number(cells, i, lines.line_num, name) for i, name in zip(place, FEATURES, strict=True)])
        if rows[-1][-1] < 0:
            raise ValueError(f"Line {lines.line_num} has a negative Amount. Amounts are in euros, from 0 on.")
        if truth is not None:
            labels.append(_number(cells, truth, lines.line_num, "Class"))
    if not rows:
        raise ValueError(EMPTY)
    if set(labels) - {0.0, 1.0}:
        raise ValueError("The column Class may only hold 0 (normal) and 1 (fraud). Mend it, or leave it out.")
    return Payments(torch.tensor(rows), torch.tensor(labels).long() if labels else None)


def _number(cells: list[str], i: int, line: int, name: str) -> float:
    said = cells[i].strip() if i < len(cells) else ""
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > MAX_VALUE:
        shown = f"“{said[:20]}”" if said else "nothing"
        raise ValueError(f"Line {line} has {shown} in the column {name}, where a number belongs. Mend it, and retry.")
    return value
