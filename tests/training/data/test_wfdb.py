"""The databases in WFDB's layout, whatever their rate: at 360 Hz, marks on the peaks, trouble in a sentence."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from signals import ecg
from signals.ecg import RATE_HZ
from tests.layouts import incartdb as incart_layout
from tests.layouts import mitdb as layout
from training import DataDamaged, DataMissing
from training.data import incartdb, mitbih, samples, svdb
from training.data._wfdb import Database

OTHERS = pytest.mark.parametrize("database", [svdb.DATABASE, incartdb.DATABASE], ids=["svdb", "incartdb"])


@OTHERS
def test_a_lead_comes_to_360_hz_with_its_marks(database: Database, small_root: Path) -> None:
    made, found = layout.simulated(26, 1, 110), database.record(database.records[1])
    assert found.lead == {"svdb": "ECG1", "incartdb": "II"}[database.folder]
    assert abs(len(found.x_T) - len(made.x_T)) < 4 and np.abs(found.x_T).max() > 0.8, "mV, of the lead that has the ECG"
    peak_B = ecg.tallest_near(ecg.clean(made.x_T), made.r_B)
    assert found.class_B.tolist() == made.class_B.tolist() and np.abs(found.r_B - peak_B).max() <= 4


def test_a_mark_beside_the_peak_is_moved_onto_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As INCART's are, in the middle of the QRS: 30 ms late here."""
    import wfdb

    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    folder = tmp_path / "incartdb"
    folder.mkdir()
    layout.write_record(folder, "I01", rate_hz=incart_layout.RATE_HZ, leads=incart_layout.LEADS, shown="II", seed=0)
    straight = incartdb.DATABASE.record("I01")
    marks = wfdb.rdann(str(folder / "I01"), "atr")
    late = np.asarray(marks.sample) + round(0.03 * incart_layout.RATE_HZ)
    wfdb.wrann("I01", "atr", late, symbol=marks.symbol, write_dir=str(folder))
    assert np.abs(incartdb.DATABASE.record("I01").r_B - straight.r_B).max() <= 4, "11 ms, of 30"


def test_at_360_hz_the_annotators_marks_are_left(small_root: Path) -> None:
    found, seed = mitbih.record("100"), mitbih.RECORDS.index("100")
    assert found.r_B.tolist() == layout.simulated(45, seed, 65 + seed).r_B.tolist()
    assert RATE_HZ == 360


@OTHERS
def test_what_is_missing_is_a_sentence(database: Database, no_data: Path) -> None:
    name = database.records[0]
    with pytest.raises(DataMissing, match=rf"{database.folder} is not here.*physionet.*WAVELENS_OFFLINE forbids"):
        database.record(name)
    with samples():
        assert database.at_hand_of(database.records) == ()


@OTHERS
def test_a_damaged_record_is_named(
    database: Database, small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = database.records[2]
    (tmp_path / database.folder).mkdir()
    for end in ("hea", "dat", "atr"):
        shutil.copy(small_root / database.folder / f"{name}.{end}", tmp_path / database.folder)
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    (tmp_path / database.folder / f"{name}.atr").write_bytes(b"")
    with pytest.raises(DataDamaged, match=rf"{name} cannot be read.*Delete the folder"):
        database.record(name)
    with pytest.raises(DataMissing, match="belongs to the"):
        database.record(database.records[3])


def test_every_database_is_whole() -> None:
    """As PhysioNet lists them: 78 records and 75."""
    assert len(svdb.RECORDS) == 78 and svdb.RECORDS[0] == "800" and svdb.RECORDS[-1] == "894"
    assert len(incartdb.RECORDS) == 75 and incartdb.RECORDS[0] == "I01" and incartdb.RECORDS[-1] == "I75"
    every = mitbih.RECORDS + svdb.RECORDS + incartdb.RECORDS
    assert len(set(every)) == len(every), "a name says of which database a record is"
