"""ESC-10: 400 recordings of ten kinds of everyday noise, 5 s each, in five folds (Piczak 2015)."""

from pathlib import Path
from typing import NamedTuple

from training._recipe import Source
from training.data._root import root, unpacked

SOURCE = Source(
    title="ESC-10",
    address="https://github.com/karolpiczak/ESC-50",
    licence="CC BY 3.0, credits in its README",
    split="five official folds; clips of one recording share a fold",
    note="Resampled to 16 kHz.",
)
ADDRESS = "https://github.com/karolpiczak/ESC-50/archive/master.zip"


class Clip(NamedTuple):
    """One recording: `kind` such as “rain”, `fold` 1 to 5."""

    path: Path
    kind: str
    fold: int


def clips() -> list[Clip]:
    """All clips, sorted; from `esc10/KIND/FOLD-….ogg` where that is, else from ESC-50's own archive.

    See `unpacked` for what is raised.
    """
    if (here := root() / "esc10").exists():
        files = sorted(p for p in here.glob("*/*") if p.suffix in (".ogg", ".wav"))
        return [Clip(p, p.parent.name, int(p.name.split("-")[0])) for p in files]
    folder = unpacked(
        "ESC-50-master",
        url=ADDRESS,
        inside="ESC-50-master",
        title=SOURCE.title,
    )
    lines = (folder / "meta" / "esc50.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    ours = [r for r in rows if r["esc10"] == "True"]
    return sorted(Clip(folder / "audio" / r["filename"], r["category"], int(r["fold"])) for r in ours)
