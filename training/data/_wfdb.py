"""A database of electrocardiograms as PhysioNet keeps them: each record's header, numbers and marks of beats."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from signals import ecg
from training._recipe import Source
from training.data._root import DataDamaged, DataMissing, fetching, root, sampled, unfinished


class Record(NamedTuple):
    """One lead `x_T` in mV at 360 Hz as it was recorded, its R peaks and each beat's AAMI class."""

    name: str
    lead: str
    x_T: np.ndarray
    r_B: np.ndarray
    class_B: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Database:
    """PhysioNet's `folder`, below the data root under the same name; `lead` is read where a record has it."""

    folder: str
    source: Source
    records: tuple[str, ...]
    lead: str

    def at_hand_of(self, part: tuple[str, ...]) -> tuple[str, ...]:
        """The records of a part: all of them, or those among the samples while these are read."""
        found = root() / self.folder
        return tuple(name for name in part if (found / f"{name}.hea").exists()) if sampled() else part

    def record(self, name: str) -> Record:
        """One record from where PhysioNet's files lie or are put, at 360 Hz whatever it has.

        A mark is moved with the lead to 360 Hz, and there to the tallest point within 50 ms: at another rate, or set by
        a machine, it stands beside it. Raises DataMissing where the record is not here and cannot be fetched,
        DataDamaged where it cannot be read.
        """
        import wfdb  # takes a second

        stem = self.fetched() / name
        if not stem.with_suffix(".hea").exists():
            raise DataMissing(f"{stem}.hea is not here. It belongs to the {self.source.title} ({self.source.address})")
        try:
            header: Any = wfdb.rdheader(str(stem))
            lead = self.lead if self.lead in header.sig_name else header.sig_name[0]
            signal: Any = wfdb.rdrecord(str(stem), channels=[header.sig_name.index(lead)])
            marks: Any = wfdb.rdann(str(stem), "atr")
            if not set(marks.symbol) & set(ecg.AAMI):
                raise ValueError("its annotations hold no beat")
        except (
            Exception
        ) as error:  # wfdb and its readers raise whatever comes: ValueError, IndexError, LibsndfileError …
            raise DataDamaged(
                f"{stem} cannot be read ({error}). Delete the folder and run the command again: it is downloaded anew."
            ) from error
        beat = [i for i, symbol in enumerate(marks.symbol) if symbol in ecg.AAMI]
        class_B = np.array([ecg.AAMI[marks.symbol[i]] for i in beat], dtype=np.int64)
        x_T, r_B = signal.p_signal[:, 0], np.asarray(marks.sample)[beat].astype(np.int64)
        if header.fs != ecg.RATE_HZ:
            x_T = ecg.resample(x_T, header.fs)
            r_B = np.round(r_B * (ecg.RATE_HZ / header.fs)).astype(np.int64).clip(0, len(x_T) - 1)
            r_B, kept_B = np.unique(ecg.tallest_near(ecg.clean(x_T), r_B), return_index=True)
            class_B = class_B[kept_B]
        return Record(name, lead, x_T.astype(np.float32), r_B, class_B)

    def fetched(self) -> Path:
        """The folder below the root, downloaded by PhysioNet's own client if it is not there, renamed when whole."""
        target = root() / self.folder
        if not target.exists():
            source = f"the {self.source.title} ({self.source.address})"
            with fetching(target, source), unfinished(target) as part:
                self._download(part / self.folder)
                (part / self.folder).replace(target)
        return target

    def _download(self, folder: Path) -> None:
        import wfdb

        wfdb.dl_database(self.folder, str(folder), annotators=["atr"])  # pyright: ignore[reportArgumentType]  # a list is what it takes
        ends = ("hea", "dat", "atr")
        lost = [name for name in self.records for end in ends if not (folder / f"{name}.{end}").exists()]
        if lost:
            raise DataDamaged(
                f"What arrived from {self.source.address} lacks record {lost[0]}, and was thrown away. Try again."
            )
