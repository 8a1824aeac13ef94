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


@pytest.mark.parametrize("rate", ["", "0", "0.0", "-360", "abc", "nan", "inf", "1e3", "/360"])
def test_a_header_without_a_rate_is_refused(tmp_path: Path, rate: str) -> None:
    """wfdb takes 250 Hz for such a rate, without a word: then a heart beats 31 % too slowly."""
    header, signal = wfdb_pair(tmp_path, leads=("MLII",), rate=360)
    lines = header.read_text().splitlines()
    header.write_text("\n".join([f"mine 1 {rate} {len(MADE.x_T) if rate else ''}", *lines[1:]]))
    with pytest.raises(ValueError, match=r"says no sampling rate that can be read(, but “|\. It stands)"):
        read([header, signal], None)


@pytest.mark.parametrize("rate", ["360", "360.5", "360/12(3)"])
def test_a_rate_may_be_written_in_every_way_of_wfdb(tmp_path: Path, rate: str) -> None:
    header, signal = wfdb_pair(tmp_path, leads=("MLII",), rate=360)
    header.write_text(header.read_text().replace(" 360 ", f" {rate} "))
    assert read([header, signal], None).seconds == pytest.approx(
        len(MADE.x_T) / float(rate[:5].split("/")[0]), abs=0.01
    )


@pytest.mark.parametrize(
    ("first", "signals", "said"),
    [
        ("r 100000 360 4000", ["r.dat 16"] * 100_000, "far longer"),
        ("r 9999 360 4000", ["r.dat 16"] * 9_000, "names 9,999 leads"),
        ("r 1 360 4000", ["r.dat 16x1000000"], "belong together"),
        ("r 1 360 4000", ["r.dat 16:99999999"], "belong together"),
        ("r 1 360 4000", ["r.dat 516"], "belong together"),
        ("r 2 360 4000", ["r.dat 16"], "belong together"),
        ("r 1 5000 2000001", ["r.dat 16"], r"The limit at 5000 Hz is 6\.7 minutes"),
        ("r 1 50", ["r.dat 16"], "minutes"),
    ],
)  # fmt: skip
def test_a_header_that_asks_for_much_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str, signals: list[str], said: str
) -> None:
    import wfdb

    monkeypatch.setattr(wfdb, "rdrecord", lambda *_, **__: pytest.fail("read"))
    (tmp_path / "r.hea").write_text("\n".join([first, *signals]) + "\n")
    (tmp_path / "r.dat").write_bytes(bytes(2_000_000))
    with pytest.raises(ValueError, match=said):
        read([tmp_path / "r.hea", tmp_path / "r.dat"], None)


@pytest.mark.parametrize(
    "text", [f"{'a' * 200_000};1\n", '"' + "1;2;3\n" * 50_000, "1 " * 100_000], ids=["field", "quote", "line"]
)
def test_cells_without_end_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="No column of numbers"):
        read(column(tmp_path, "1;2;3\n" * 3000 + text + "1;2;3\n" * 3000), 360)


def test_numbers_are_refused_by_their_count_before_they_are_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """19 MB of them took 5.8 s and 984 MiB to be refused."""
    monkeypatch.setattr(ecg_files, "_number", lambda cell: pytest.fail("parsed"))
    for text in ("0\n" * 2_500_000, "0\r" * 2_500_000):
        with pytest.raises(ValueError, match=r"lasts 8\.3 minutes\. The limit at 5000 Hz is 6\.7 minutes"):
            read(column(tmp_path, text), 5000)
    with pytest.raises(ValueError, match="too large: 20 MB"):
        read(column(tmp_path, "0.1234567\n" * 2_100_000), 5000)


def test_numbers_beyond_any_unit_are_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="100 % of the samples are missing"):
        read(column(tmp_path, "\n".join(f"{v:.4f}e307" for v in MADE.x_T)), 360)


def test_an_odd_rate_needs_no_large_filter() -> None:
    """4,999.999 Hz asked for a filter of a hundred million numbers."""
    t = np.arange(50_000) / 4_999.999
    slow = as_lead(np.sin(2 * np.pi * 3 * t), 4_999.999, title="x").x_T
    usual = as_lead(np.sin(2 * np.pi * 3 * np.arange(50_000) / 5_000), 5_000, title="x").x_T
    assert len(slow) == len(usual) == 3600 and np.allclose(slow, usual, atol=1e-3)


def test_a_day_in_wfdb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    header, signal = wfdb_pair(tmp_path, leads=("MLII",), rate=360)
    text = header.read_text().splitlines()
    text[0] = "mine 1 360 31104000"
    header.write_text("\n".join(text))
    with pytest.raises(ValueError, match=r"lasts 24\.0 hours"):
        read([header, signal], None)
