"""MIT-BIH Arrhythmia: 48 half-hours of ECG with every beat annotated (Moody & Mark 2001), split by patient.

Train and test are de Chazal's DS1 and DS2 (de Chazal et al. 2004), disjoint by record; four whole records of DS1 are
held out for validation. The four paced records are left out. Records 201 (train) and 202 (test) are one patient's.
"""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from signals import ecg
from training._recipe import Source
from training.data._root import DataDamaged
from training.data._wfdb import Database
from training.data._wfdb import Record as Record

SOURCE = Source(
    title="MIT-BIH Arrhythmia Database",
    address="https://physionet.org/content/mitdb/1.0.0/",
    licence="ODC-BY 1.0",
    split="by record: de Chazal's DS1, of which 118, 124, 205 and 223 for validation, and DS2 for test",
    note="R peaks are the annotators' own, so the finding of beats costs nothing here. One lead, MLII. Test record 202 "
    "is a patient who is also in training, as 201: the split has it so. The paced records are left out.",
    download="about 100 MB",
)
TRAIN = (
    "101", "106", "108", "109", "112", "114", "115", "116", "119", "122", "201", "203", "207", "208", "209", "215",
    "220", "230",
)  # fmt: skip
VALID = ("118", "124", "205", "223")
TEST = (
    "100", "103", "105", "111", "113", "117", "121", "123", "200", "202", "210", "212", "213", "214", "219", "221",
    "222", "228", "231", "232", "233", "234",
)  # fmt: skip
RECORDS = TRAIN + VALID + TEST
"""The number of a record, in a split's last tensor, is its place in this list."""

RHYTHMS = {
    "(AB": "atrial bigeminy", "(AFIB": "atrial fibrillation", "(AFL": "atrial flutter", "(B": "bigeminy",
    "(BII": "second-degree heart block", "(IVR": "idioventricular rhythm", "(N": "normal rhythm",
    "(NOD": "junctional rhythm", "(P": "paced rhythm", "(PREX": "pre-excitation", "(SBR": "slow sinus rhythm",
    "(SVTA": "supraventricular tachycardia", "(T": "trigeminy", "(VFL": "ventricular flutter",
    "(VT": "ventricular tachycardia",
}  # fmt: skip
"""PhysioNet's marks where a rhythm begins."""


class Contents(NamedTuple):
    """What the annotators found in a record: how many beats of each class, `n_C`, and its rhythms, by frequency."""

    n_C: tuple[int, ...]
    rhythms: tuple[str, ...]


DATABASE = Database(folder="mitdb", source=SOURCE, records=RECORDS, lead="MLII")
record, at_hand_of = DATABASE.record, DATABASE.at_hand_of


def contents() -> dict[str, Contents]:
    """What is in each test record that is here; DataMissing, DataDamaged."""
    folder = DATABASE.fetched()
    return {name: _contents(folder / name) for name in at_hand_of(TEST)}


@cache
def _contents(stem: Path) -> Contents:
    import wfdb

    try:
        marks: Any = wfdb.rdann(str(stem), "atr")
    except Exception as error:
        raise DataDamaged(f"{stem} cannot be read ({error}).") from error
    class_B = [ecg.AAMI[symbol] for symbol in marks.symbol if symbol in ecg.AAMI]
    begun = Counter(note.strip("\x00") for note in marks.aux_note)
    rhythms = tuple(RHYTHMS[mark] for mark, _ in begun.most_common() if mark in RHYTHMS)
    return Contents(tuple(class_B.count(k) for k in range(len(ecg.CLASSES))), rhythms)
