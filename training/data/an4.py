"""AN4: 84 people spelling names and numbers, 16 kHz, by speaker (Acero & Stern 1990)."""

from pathlib import Path

from training._recipe import Source
from training.data._root import DataDamaged, unpacked

SOURCE = Source(
    title="CMU AN4",
    address="http://www.speech.cs.cmu.edu/databases/an4/",
    licence="free for any use with its notice",
    split="by speaker, official: 74 to train, 10 to test",
    note="Probably one session a speaker, so the room and the microphone give a speaker away. At hand here is a "
    "subset: about 8 recordings of each training speaker and 13 of each test speaker.",
)
FOLDERS = {"train": "an4_clstk", "test": "an4test_clstk"}


def speakers(part: str) -> dict[str, list[Path]]:
    """The recordings of every speaker of `train` or `test`, sorted; see `unpacked` for what is raised."""
    folder = unpacked(
        "an4",
        url="http://www.speech.cs.cmu.edu/databases/an4/an4_sphere.tar.gz",
        inside="an4",
        title=SOURCE.title,
    )
    found = next((f for f in (folder / FOLDERS[part], folder / "wav" / FOLDERS[part]) if f.exists()), None)
    if found is None:
        raise DataDamaged(f"{folder} holds no {FOLDERS[part]}. Delete it and run the command again.")
    return {
        s.name: sorted(p for p in s.iterdir() if p.suffix in (".flac", ".sph", ".wav"))
        for s in sorted(found.iterdir())
        if s.is_dir()
    }
