"""A small Supraventricular Arrhythmia Database in WFDB's own layout: simulated ECG at 128 Hz, two leads."""

from pathlib import Path

from tests.layouts.mitdb import write_record
from training.data import svdb

RATE_HZ = 128


def write(root: Path) -> Path:
    folder = root / "svdb"
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(svdb.RECORDS):
        write_record(folder, name, rate_hz=RATE_HZ, leads=("ECG1", "ECG2"), seed=seed % 3)
    return root
