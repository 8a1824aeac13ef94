"""Credit-card payments of two days in September 2013 (Dal Pozzolo et al. 2015), 492 of 284,807 of them frauds.

Read is `<root>/creditcard/creditcard.csv`, the whole table, which a command fetches from OpenML where it may; else
`creditcard_sample.csv`, in which 5.6 % are frauds. Of columns V1 to V28 only the bank knows what they mean: they are
principal components. OpenML's copy has no column of times, but its rows stand in their order.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from signals.payments import FEATURES
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, fetching, root, unfinished

SOURCE = Source(
    title="credit-card payments (a sample with 5.6 % frauds instead of 0.17 %)",
    address="https://www.openml.org/d/1597",
    licence="DbCL 1.0",
    split="by time, 60 / 20 / 20 %: fitted on the first hours, quoted on the last",
    note="Fitted on the normal payments of the first hours alone. In this sample 5.6 % are frauds, in truth 0.17 %: "
    "precision falls with it, and alarms a day are scaled to the truth.",
    download="150 MB",
)
OPENML = 1597
NORMALS, FRAUDS = 284_315, 492
"""In the whole table, of 48 hours."""
SECONDS = 48 * 3600
SHARES = (0.6, 0.8)
"""Where training ends and where validation does, as shares of all rows."""


class Table(NamedTuple):
    """Payments in their order in time: `x_BD` (V1 to V28, amount in euros), `label_B` (1: fraud), `seconds_B`.

    Each row stands for `weight_B` real payments: 1 in the whole table.
    """

    x_BD: Tensor
    label_B: Tensor
    seconds_B: Tensor
    weight_B: Tensor


def splits(*, by: Literal["time", "random"] = "time", mixed_in: float = 0.0) -> Splits:
    """Arrays `(x_BD, label_B, seconds_B, weight_B)` as in `Table`; `train` holds normal payments only.

    But for `mixed_in`: the share of frauds, of the same hours, that were taken for normal. `by` random is the split
    that lets a net see the future. Duplicates are dropped before anything is split.
    """
    whole = table()
    n = len(whole.label_B)
    order = torch.arange(n) if by == "time" else torch.randperm(n, generator=torch.Generator().manual_seed(0))
    train, valid, test = order.tensor_split([int(share * n) for share in SHARES])
    kept = train[whole.label_B[train] == 0]
    if mixed_in:
        frauds = train[whole.label_B[train] == 1]
        drawn = frauds[torch.randperm(len(frauds), generator=torch.Generator().manual_seed(0))]
        kept = torch.cat([kept, drawn[: round(mixed_in / (1 - mixed_in) * len(kept))]])
    return Splits(*(_taken(whole, index) for index in (kept, valid, test)))


def first_hours() -> Arrays:
    """The training window with its frauds, for peers that learn from them."""
    whole = table()
    return _taken(whole, torch.arange(int(SHARES[0] * len(whole.label_B))))


def _taken(whole: Table, index: Tensor) -> Arrays:
    return tuple(t[index] for t in whole)


def table() -> Table:
    """All payments at hand; see `fetching` for what is raised, and DataDamaged."""
    return _read(path())


def path() -> Path:
    """The file that is read: the whole table, or the sample of it; see `fetching` for what is raised."""
    folder = root() / "creditcard"
    whole, sample = folder / "creditcard.csv", folder / "creditcard_sample.csv"
    if not whole.exists() and not sample.exists():
        with fetching(whole, f"credit-card payments, {SOURCE.address}"):
            _download(whole)
    return whole if whole.exists() else sample


def _download(to: Path) -> None:
    from sklearn.datasets import fetch_openml

    to.parent.mkdir(parents=True, exist_ok=True)
    with unfinished(to) as part:
        fetched: Any = fetch_openml(data_id=OPENML, as_frame=True, data_home=str(part))
        fetched.frame.to_csv(part / "table.csv", index=False)
        (part / "table.csv").replace(to)


@cache
def _read(file: Path) -> Table:
    try:
        text = file.read_text(encoding="utf-8")
        names = [name.strip().strip('"') for name in text[: text.index("\n")].split(",")]
        cells = np.loadtxt(io.StringIO(text.replace('"', "").replace("'", "")), delimiter=",", skiprows=1, ndmin=2)
        column = {name: cells[:, i] for i, name in enumerate(names)}
        x_BD = np.stack([column[name] for name in FEATURES], axis=1)
        label_B = column["Class"].astype(np.int64)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise DataDamaged(f"{file} is damaged ({error}). Delete it and run the command again.") from error
    seconds_B = column.get("Time", np.linspace(0, SECONDS, len(x_BD)))
    _, first = np.unique(np.column_stack([seconds_B, x_BD] if "Time" in column else [x_BD]), axis=0, return_index=True)
    index = first[np.argsort(seconds_B[first], kind="stable")]
    x_BD, label_B, seconds_B = x_BD[index], label_B[index], seconds_B[index]
    real = np.where(label_B == 1, FRAUDS / max(1, label_B.sum()), NORMALS / max(1, (label_B == 0).sum()))
    return Table(
        torch.from_numpy(x_BD).float(), torch.from_numpy(label_B), torch.from_numpy(seconds_B).float(),
        torch.from_numpy(real).float(),
    )  # fmt: skip
