"""A small INCART in WFDB's own layout: simulated ECG at 257 Hz, lead II among twelve."""

from pathlib import Path

from tests.layouts.mitdb import write_record
from training.data import incartdb

RATE_HZ = 257
LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")


def write(root: Path) -> Path:
    folder = root / "incartdb"
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(incartdb.RECORDS):
        write_record(folder, name, rate_hz=RATE_HZ, leads=LEADS, shown="II", seed=seed % 3)
    return root
