"""MIT-BIH in WFDB's layout: split by patient, paced records left out, downloads that are whole or nothing."""

import shutil
from pathlib import Path

import pytest
import wfdb

from signals import ecg
from tests.layouts import mitdb as layout
from training import DataDamaged, DataMissing
from training.data import mitbih, reading
from training.data._root import root


def test_the_sides_are_de_chazals() -> None:
    """Table II of de Chazal, O'Dwyer and Reilly (2004): everybody who compares on MIT-BIH compares on these."""
    first = "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230"
    second = "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234"
    assert sorted(mitbih.TRAIN + mitbih.VALID) == first.split() and sorted(mitbih.TEST) == second.split()


def test_no_record_is_on_two_sides() -> None:
    assert len(set(mitbih.RECORDS)) == len(mitbih.RECORDS) == 44
    assert len(mitbih.TEST) == 22 and len(mitbih.VALID) == 4
    assert not {"102", "104", "107", "217"} & set(mitbih.RECORDS), "paced"


def test_a_record_is_what_was_written(small_root: Path) -> None:
    it = mitbih.record("200")
    assert it.lead == "MLII" and it.x_T.dtype.name == "float32" and 0.8 < it.x_T.max() < 2
    assert len(it.r_B) == len(it.class_B)  # the rhythm mark that opens the file is no beat
    for r in it.r_B[2:-2]:
        assert abs(int(abs(it.x_T[r - 40 : r + 40]).argmax()) - 40) < 40


def test_missing(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"nothing/mitdb is not here.*physionet.*WAVELENS_OFFLINE forbids"):
        mitbih.record("100")
    with reading("root as it is"), pytest.raises(DataMissing, match="a command that trains downloads it"):
        mitbih.record("100")


@pytest.mark.parametrize("file", ["100.hea", "100.atr", "100.dat"])
def test_a_damaged_record_is_named(
    small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    shutil.copytree(small_root / "mitdb", tmp_path / "mitdb")
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    (tmp_path / "mitdb" / file).write_bytes(b"")
    with pytest.raises(DataDamaged, match=r"mitdb/100 cannot be read.*Delete the folder"):
        mitbih.record("100")


@pytest.fixture
def physionet(small_root: Path, no_data: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A PhysioNet that serves the small copy, and that can lose a file or the line."""
    served, state = small_root / "mitdb", {"lost": None, "error": None, "calls": 0}
    monkeypatch.setenv("WAVELENS_DATA", str(no_data))
    monkeypatch.delenv("WAVELENS_OFFLINE")

    def dl_database(db_dir: str, dl_dir: str, *, annotators: list[str]) -> None:
        assert db_dir == "mitdb" and annotators == ["atr"]
        state["calls"] += 1  # type: ignore[operator]
        shutil.copytree(served, dl_dir, ignore=shutil.ignore_patterns(str(state["lost"])))
        if state["error"]:
            raise state["error"]  # type: ignore[misc]

    monkeypatch.setattr(wfdb, "dl_database", dl_database)
    return state


def test_what_is_missing_is_downloaded_once(physionet: dict[str, object]) -> None:
    assert mitbih.record("100").name == "100" and mitbih.record("234").name == "234"
    assert physionet["calls"] == 1 and not (root() / "mitdb.part").exists()


def test_half_a_download_never_becomes_data(physionet: dict[str, object]) -> None:
    physionet["lost"] = "213.dat"
    with pytest.raises(DataDamaged, match=r"lacks record 213.*Try again"):
        mitbih.record("100")
    physionet["lost"], physionet["error"] = None, OSError("the line went dead")
    with pytest.raises(DataMissing, match="the line went dead"):
        mitbih.record("100")
    assert not (root() / "mitdb").exists() and not (root() / "mitdb.part").exists()
    physionet["error"] = None
    assert mitbih.record("100").name == "100"


def test_the_layout_writes_what_the_reader_reads(tmp_path: Path) -> None:
    assert layout.PATTERN.count("N") > 3
    header = wfdb.rdheader(str(layout.write(tmp_path, seconds=6) / "mitdb" / "100"))
    assert header.fs == ecg.RATE_HZ and header.sig_name == ["MLII"]
