"""Everyday noise, 191 recordings of one to nine seconds at 16 kHz: cafes, streets, offices, trains, machines, weather.

`noise/noise.csv` names kind, source and licence of each. Train and test are parted by recording, and the ambiences of
test come from collections that train has none of. Some kinds of train are kept for validation, so that a net can be
chosen in noises of kinds that it never met.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from training.data._root import root

KEPT = (
    "dryer", "laundry room", "washing machine",
    "keyboard", "typewriter", "slide projector", "paper",
    "train", "inside a train", "subway station",
    "walk in snow", "walk on gravel", "walk on leaves", "footsteps",
    "airplane", "supermarket", "beehive", "sailboat", "rowing boat",
)  # fmt: skip
"""Kinds of train's that only validation hears."""


class Noise(NamedTuple):
    """One recording of one kind of noise, such as “cafe”."""

    path: Path
    kind: str


def recordings(part: str) -> list[Noise]:
    """The recordings of train, valid or test, sorted; none where the folder is not there.

    Train leaves out what is for research only, so that the weights may go wherever the code goes.
    """
    folder = root() / "noise"
    if not (folder / "noise.csv").exists():
        return []
    with (folder / "noise.csv").open(encoding="utf-8", newline="") as file:
        free = [row for row in csv.DictReader(file) if part != "train" or "research" not in row["licence"]]
    rows = [(row["file"], row["kind"]) for row in free]
    where = "test" if part == "test" else "train"
    chosen = [(f, kind) for f, kind in rows if f.startswith(f"{where}/")]
    if part != "test":
        chosen = [(f, kind) for f, kind in chosen if (kind in KEPT) == (part == "valid")]
    return sorted(Noise(folder / f, kind) for f, kind in chosen)
