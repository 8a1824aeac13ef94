"""Files that people bring: number formats, WFDB pairs, gaps, units, rates, and what is refused with a reason."""

from pathlib import Path

import numpy as np
import pytest

from signals import ecg, ecg_files
from signals.ecg import RATE_HZ
from signals.ecg_files import as_lead, read
from signals.synthetic_ecg import simulate

MADE = simulate(12, pattern=("N", "N", "V"), seed=1)


def column(folder: Path, text: str, name: str = "lead.csv") -> list[Path]:
    (folder / name).write_text(text, encoding="utf-8")
    return [folder / name]


def numbers(form: str = "{:.4f}", scale: float = 1.0) -> list[str]:
    return [form.format(scale * v) for v in MADE.x_T]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(numbers()),
        "\n".join(["ECG (mV)", "", *numbers()]),
        "\n".join(["time;mV", *(f"{i / 360:.4f};{v}".replace(".", ",") for i, v in enumerate(numbers()))]),
        "\n".join(v.replace(".", ",") for v in numbers()),
        "\n".join(["t,ecg", *(f"{i},{v}" for i, v in enumerate(numbers()))]),
        "\ufeff" + "\r\n".join(f"{i}\t{v}" for i, v in enumerate(numbers())),
        "\n".join(f"{i} {v}" for i, v in enumerate(numbers())),
    ],
    ids=["plain", "header", "semicolon-comma", "decimal-comma", "comma", "tab-bom", "space"],
)
def test_every_way_to_write_a_column(tmp_path: Path, text: str) -> None:
    lead = read(column(tmp_path, text), 360)
    assert len(lead.x_T) == len(MADE.x_T)
    assert np.allclose(lead.x_T, MADE.x_T - np.median(MADE.x_T), atol=2e-4)


@pytest.mark.parametrize("text", ["", "hello\nworld\n" * 50, "<html>no</html>"])
def test_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="No column of numbers"):
        read(column(tmp_path, text), 360)


def test_five_numbers_are_too_short(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"too short, 0\.01 s"):
        read(column(tmp_path, "1\n2\n3\n4\n5"), 360)


def test_a_table_of_people_is_no_ecg(tmp_path: Path) -> None:
    people = "\n".join(["name,age", *(f"Bo {i},{20 + i % 60}" for i in range(4000))])
    with pytest.raises(ValueError, match="a table with words in it, such as “Bo 0”"):
        read(column(tmp_path, people), 360)
    stamped = "\n".join(f"'0:00:{i / 360:06.3f} AM',{v}" for i, v in enumerate(numbers()))
    assert len(read(column(tmp_path, stamped), 360).x_T) == len(MADE.x_T)


def test_hours_of_numbers_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecg_files, "read_numbers", lambda path: pytest.fail("read"))
    with pytest.raises(ValueError, match=r"lasts 120\.0 minutes\. The limit is 30 minutes"):
        read(column(tmp_path, "0.123\n" * (120 * 60 * 360)), 360)


def test_a_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00")
    with pytest.raises(ValueError, match="not text"):
        read([tmp_path / "x.csv"], 360)


def test_a_column_needs_its_rate(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sampling rate"):
        read(column(tmp_path, "\n".join(numbers())), None)
    for rate in (0.0, 10, 1e6):
        with pytest.raises(ValueError, match=r"between 40 and 5000 Hz"):
            read(column(tmp_path, "\n".join(numbers())), rate)


def test_gaps_are_bridged_and_said(tmp_path: Path) -> None:
    x = MADE.x_T.copy()
    x[500:520] = np.nan
    lead = as_lead(x, 360, title="x")
    assert np.isfinite(lead.x_T).all() and "bridged" in lead.remarks[0] and lead.gaps == ((500, 520),)
    slow = as_lead(x[::2], 180, title="x")
    assert slow.gaps == ((500, 520),), "in samples at 360 Hz"
    one = MADE.x_T.copy()
    one[500] = np.nan
    assert not as_lead(one, 360, title="x").gaps, "a sample is not a gap"
    x[:2000] = np.nan
    with pytest.raises(ValueError, match="% of the samples are missing"):
        as_lead(x, 360, title="x")
    with pytest.raises(ValueError, match="100 % of the samples"):
        as_lead(np.full(3600, np.nan), 360, title="x")


def test_a_flat_line() -> None:
    for level in (0.0, 1024.0):
        with pytest.raises(ValueError, match="flat"):
            as_lead(np.full(3600, level), 360, title="x")


@pytest.mark.parametrize("rate", [50, 1000])
def test_ten_seconds_at_another_rate(rate: int) -> None:
    t = np.arange(10 * rate) / rate
    lead = as_lead(np.interp(t, np.arange(len(MADE.x_T)) / RATE_HZ, MADE.x_T), rate, title="x")
    assert len(lead.x_T) == 10 * RATE_HZ and f"from {rate} to 360 Hz" in lead.remarks[0]
    assert ("blunts" in lead.remarks[0]) == (rate == 50)
    known = MADE.r_B[MADE.r_B < 10 * RATE_HZ - 100]
    found = ecg.find_peaks(ecg.clean(lead.x_T))
    assert sum(np.abs(found - r).min() <= 18 for r in known) >= len(known) - 1


def test_a_day_is_too_long() -> None:
    with pytest.raises(ValueError, match=r"lasts 24\.0 hours\. The limit is 30 minutes"):
        as_lead(np.zeros(24 * 3600 * 50), 50, title="x")
    with pytest.raises(ValueError, match=r"lasts 31\.0 minutes"):
        as_lead(np.zeros(31 * 60 * 100), 100, title="x")
    with pytest.raises(ValueError, match=r"too short, 2\.0 s"):
        as_lead(np.zeros(720), 360, title="x")


def test_units_are_noticed() -> None:
    raw = as_lead(1024 + np.round(200 * MADE.x_T), 360, title="x")
    assert "AD converter" in raw.remarks[0] and 0.8 < np.ptp(raw.x_T) < 2.5
    volts = as_lead(MADE.x_T / 1000, 360, title="x")
    assert "volts" in volts.remarks[0] and np.allclose(volts.x_T, MADE.x_T - np.median(MADE.x_T), atol=1e-4)
    assert not as_lead(MADE.x_T, 360, title="x").remarks
    known = as_lead(1000 * MADE.x_T, 360, title="x", unit="uV")
    assert not known.remarks and np.allclose(known.x_T, volts.x_T, atol=1e-4)


def wfdb_pair(folder: Path, *, leads: tuple[str, ...] = ("V5", "MLII"), rate: int = 250) -> tuple[Path, Path]:
    import wfdb

    signal = np.stack([0.5 * MADE.x_T, MADE.x_T], axis=1)[:, : len(leads)].astype(float)
    wfdb.wrsamp(
        "mine", fs=rate, units=["mV"] * len(leads), sig_name=list(leads), p_signal=signal, fmt=["16"] * len(leads),
        write_dir=str(folder),
    )  # fmt: skip
    return folder / "mine.hea", folder / "mine.dat"


def test_a_wfdb_pair(tmp_path: Path) -> None:
    header, signal = wfdb_pair(tmp_path)
    lead = read([signal, header], None)
    assert lead.title == "mine, lead MLII" and "Of 2 leads" in lead.remarks[0] and "250 to 360" in lead.remarks[1]
    assert lead.seconds == pytest.approx(len(MADE.x_T) / 250, abs=0.01)
    with pytest.raises(ValueError, match="two files"):
        read([header], None)
    with pytest.raises(ValueError, match="two files"):
        read([header, signal, signal], None)


def test_a_header_cannot_name_another_file(tmp_path: Path) -> None:
    header, signal = wfdb_pair(tmp_path, leads=("MLII",), rate=360)
    (tmp_path / "secret.dat").write_bytes(signal.read_bytes())
    header.write_text(header.read_text().replace("mine.dat", "../../etc/passwd"))
    x_T = 0.5 * MADE.x_T
    assert np.allclose(read([header, signal], None).x_T, x_T - np.median(x_T), atol=1e-3)


@pytest.mark.parametrize(
    "content", ["", "hello", "100/3 1 360 1000\n", "100 1 360 999999\n100.dat 16 200 11 0 0 0 0 II\n", "x 0 360\n"]
)
def test_a_wrong_header(tmp_path: Path, content: str) -> None:
    header, signal = wfdb_pair(tmp_path)
    header.write_text(content)
    with pytest.raises(ValueError, match=r"header|WFDB|belong together|minutes"):
        read([header, signal], None)


def test_a_day_in_wfdb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    header, signal = wfdb_pair(tmp_path, leads=("MLII",), rate=360)
    text = header.read_text().splitlines()
    text[0] = "mine 1 360 31104000"
    header.write_text("\n".join(text))
    with pytest.raises(ValueError, match=r"lasts 24\.0 hours"):
        read([header, signal], None)
