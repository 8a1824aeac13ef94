"""MIT-BIH Arrhythmia: 48 half-hours of ECG with every beat annotated (Moody & Mark 2001), split by patient.

Train and test are de Chazal's DS1 and DS2 (de Chazal et al. 2004), disjoint by record; four whole records of DS1 are
held out for validation. The four paced records are left out. Records 201 (train) and 202 (test) are one patient's.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from signals import ecg
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, DataMissing, fetching, root, sampled, unfinished

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
MARGIN = (90, 144)
"""Samples that must lie before and after an R for its beat to count: then 49,692 beats are tested."""


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


class Record(NamedTuple):
    """Half an hour: the lead `x_T` in mV as it was recorded, its R peaks and each beat's AAMI class."""

    name: str
    lead: str
    x_T: np.ndarray
    r_B: np.ndarray
    class_B: np.ndarray


def record(name: str) -> Record:
    """One record from `<root>/mitdb`, where PhysioNet's files lie or are put.

    Raises DataMissing where it is not here and cannot be fetched, DataDamaged where it cannot be read.
    """
    import wfdb  # takes a second

    stem = _folder() / name
    if not stem.with_suffix(".hea").exists():
        raise DataMissing(f"{stem}.hea is not here. It belongs to the {SOURCE.title} ({SOURCE.address})")
    try:
        header: Any = wfdb.rdheader(str(stem))
        lead = "MLII" if "MLII" in header.sig_name else header.sig_name[0]
        signal: Any = wfdb.rdrecord(str(stem), channels=[header.sig_name.index(lead)])
        marks: Any = wfdb.rdann(str(stem), "atr")
        if not set(marks.symbol) & set(ecg.AAMI):
            raise ValueError("its annotations hold no beat")
    except Exception as error:  # wfdb and its readers raise whatever comes: ValueError, IndexError, LibsndfileError …
        raise DataDamaged(
            f"{stem} cannot be read ({error}). Delete the folder and run the command again: it is downloaded anew."
        ) from error
    beat = [i for i, symbol in enumerate(marks.symbol) if symbol in ecg.AAMI]
    classes = np.array([ecg.AAMI[marks.symbol[i]] for i in beat], dtype=np.int64)
    return Record(
        name, lead, signal.p_signal[:, 0].astype(np.float32), np.asarray(marks.sample)[beat].astype(np.int64), classes
    )


def contents() -> dict[str, Contents]:
    """What is in each test record that is here; DataMissing, DataDamaged."""
    folder = _folder()
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


def beats_alone() -> Splits:
    """`(beat_B1T in mV, half precision; class_B; record_B)`."""
    return _splits(lambda arrays: (arrays[0], *arrays[3:]))


def beats_in_context() -> Splits:
    """`(beat_BCT in usual beats, half precision; rhythm_BF; class_B; record_B)`."""
    return _splits(lambda arrays: arrays[1:])


def log_prior() -> Tensor:
    """The logarithm of each class's share of the training beats `(C,)`; a class below 1 % counts as 1 %."""
    class_B = beats_alone().train[1]
    return (class_B.bincount(minlength=len(ecg.CLASSES)) / len(class_B)).clamp(min=0.01).log()


def _splits(take: Callable[[Arrays], Arrays]) -> Splits:
    return Splits(*(take(_gathered(str(root()), at_hand_of(part))) for part in (TRAIN, VALID, TEST)))


def at_hand_of(part: tuple[str, ...]) -> tuple[str, ...]:
    """The records of a part: all of them, or those among the samples while these are read."""
    return tuple(name for name in part if (root() / "mitdb" / f"{name}.hea").exists()) if sampled() else part


@cache
def _gathered(folder: str, names: tuple[str, ...]) -> Arrays:
    """Both views of every beat, its rhythm, class and record; decoded once a process (200 MB for all three splits)."""
    return tuple(torch.cat(column) for column in zip(*map(_cut, names), strict=True))


def _cut(name: str) -> Arrays:
    it = record(name)
    beats = ecg.beats(ecg.clean(it.x_T), it.r_B)
    whole_B = (beats.r_B >= MARGIN[0]) & (beats.r_B + MARGIN[1] <= len(it.x_T))
    number_B = torch.full((len(it.r_B),), RECORDS.index(name))
    columns = (
        beats.alone_B1T.half(),
        beats.context_BCT.half(),
        beats.rhythm_BF,
        torch.from_numpy(it.class_B),
        number_B,
    )
    return tuple(column[whole_B] for column in columns)


def _folder() -> Path:
    """`<root>/mitdb`, downloaded from PhysioNet by its own client if it is not there, and renamed when it is whole."""
    target = root() / "mitdb"
    if not target.exists():
        source = f"the {SOURCE.title} ({SOURCE.address})"
        with fetching(target, source), unfinished(target) as part:
            _download(part / "mitdb")
            (part / "mitdb").replace(target)
    return target


def _download(folder: Path) -> None:
    import wfdb

    wfdb.dl_database("mitdb", str(folder), annotators=["atr"])  # pyright: ignore[reportArgumentType]  # a list is what it takes
    lost = [name for name in RECORDS for end in ("hea", "dat", "atr") if not (folder / f"{name}.{end}").exists()]
    if lost:
        raise DataDamaged(f"What arrived from {SOURCE.address} lacks record {lost[0]}, and was thrown away. Try again.")
