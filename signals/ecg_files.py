"""A lead out of a file that somebody brings, a column of numbers or a WFDB pair, in mV at 360 Hz.

Whatever is wrong is said in a sentence (ValueError); whatever was mended (a gap, a unit, a rate) is in `Lead.remarks`,
and where the gaps are in `Lead.gaps`.
"""

import csv
import io
import math
import re
import shutil
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from signals.ecg import RATE_HZ, resample

SHORTEST_SECONDS, LONGEST_SECONDS = 5, 30 * 60
LOWEST_HZ, HIGHEST_HZ = 40, 5000
GAP_SHARE = 0.05
"""The share of samples that may be missing: those are bridged by straight lines."""
GAP_SECONDS = 0.05
"""A gap this long could hide a beat, or look like one: it is marked. A shorter one is bridged, and that is all."""
MAX_SAMPLES = 2_000_000
"""Of one lead: 30 minutes at 1,111 Hz, and less at a higher rate."""
LARGEST = 1e10
"""A number beyond it is no sample, in whatever unit: it counts as missing."""
MAX_BYTES, MAX_LINE = 20_971_520, 10_000
"""Of a file of numbers, and characters of one of its lines."""
ABOUT = 1.2
"""By how much there may be more lines than samples: headers, empty ones."""
MAX_LEADS, MAX_HEADER_BYTES, MAX_FRAME, MAX_SKEW = 64, 100_000, 64, 100_000
"""Of a WFDB recording: its leads, its header, the samples of a lead in one frame, and by how many one lags behind."""
BITS = {"8": 8, "16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12, "310": 32 / 3, "311": 32 / 3}
"""Of a sample, by the number of its WFDB format; the compressed ones are left out."""
STORED = re.compile(r"(\d+)(?:x(\d+))?(?::(\d+))?(?:\+\d+)?$")
"""How a line of a WFDB header says it: format, samples in a frame, skew, offset."""
NUMBER = re.compile(r"\d+(?:\.\d*)?(?=$|/)")
JUDGED = 100_000
"""Cells beside a column of numbers: by so many it is known whether there are words in them."""
WORD = re.compile(r"[^\W\d_]{2,}")
NO_WORDS = {"nan", "null", "none", "na", "am", "pm"}
"""Gaps, and halves of a day."""
TOO_LONG = "This recording lasts {:.1f} {}. The limit {}is {:g} minutes: cut the stretch that matters out of it."
NO_NUMBERS = "No column of numbers was found in this file. Bring numbers, one sample a line, in mV."
NO_PAIR = "This pair could not be read as a WFDB recording: the header and the signal do not belong together."


@dataclass(frozen=True)
class Lead:
    """A lead `x_T` in mV at 360 Hz, where it comes from, remarks for the reader, and its gaps."""

    x_T: np.ndarray
    title: str
    remarks: tuple[str, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    """Where nothing was recorded, from and to which sample."""

    @property
    def seconds(self) -> float:
        return len(self.x_T) / RATE_HZ

    def turned_over(self) -> "Lead":
        """The lead with its sign changed, for electrodes that were swapped."""
        return replace(self, x_T=-self.x_T)


def as_lead(x_T: np.ndarray, rate_hz: float, *, title: str, unit: str | None = None) -> Lead:
    """Any samples as a lead; `unit` where the file names one. ValueError where they cannot be an ECG."""
    x_T = np.asarray(x_T, dtype=np.float64)
    _check_rate(rate_hz)
    _check_length(len(x_T), rate_hz)
    x_T = np.where(np.abs(x_T) <= LARGEST, x_T, np.nan)
    gaps = _gaps(x_T, rate_hz)
    x_T, bridged = _bridged(x_T)
    if np.ptp(x_T) < 1e-9 * max(1.0, np.abs(x_T).max()):
        raise ValueError("The line is flat: there is no heartbeat in it.")
    x_T, scaled = _in_mv(x_T - np.median(x_T), unit)
    remarks = [*bridged, *scaled]
    if rate_hz != RATE_HZ:
        remarks.append(f"Resampled from {rate_hz:g} to {RATE_HZ} Hz." + BLUNT * (rate_hz < 125))
    return Lead(resample(x_T, rate_hz).astype(np.float32), title, tuple(remarks), gaps)


BLUNT = " So slow a rate blunts the QRS: take the classes with care."


def read(paths: Sequence[str | Path], rate_hz: float | None) -> Lead:
    """The lead in one file of numbers (with its rate), or in a WFDB header with its signal file, in any order.

    ValueError where the files are neither, where numbers come without a rate, and where they cannot be an ECG.
    """
    files = {Path(path).suffix.lower(): Path(path) for path in paths}
    if ".hea" in files or ".dat" in files:
        if set(files) != {".hea", ".dat"} or len(paths) != 2:
            raise ValueError("A WFDB recording is two files: bring the .hea and the .dat together.")
        return read_wfdb(files[".hea"], files[".dat"])
    if len(paths) != 1:
        raise ValueError("Bring one file of numbers, or a .hea and its .dat together.")
    if rate_hz is None or not np.isfinite(rate_hz):
        raise ValueError("A file of numbers does not know its sampling rate: write it into the field beside it.")
    _check_rate(rate_hz)
    path = Path(paths[0])
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("This file is too large: 20 MB of numbers at most. Cut the stretch that matters out of it.")
    _check_not_too_long(_lines(path.read_bytes()), rate_hz, ABOUT)
    return as_lead(read_numbers(path), rate_hz, title=path.name)


def _lines(content: bytes) -> int:
    """How many lines a text has, whatever ends them."""
    return max(content.count(b"\n"), content.count(b"\r"))


def read_numbers(path: Path) -> np.ndarray:
    """The last numeric column `(T,)` of a text file, in its own unit.

    Commas, semicolons, tabs or spaces stand between columns; a decimal comma is understood. Lines before the first
    number are a header. A cell that is empty or no number is a gap (NaN). ValueError where the file is not text, holds
    more gaps than numbers, or words beside its numbers: then it is a table of something else.
    """
    content = path.read_bytes()
    if b"\x00" in content[:4096]:
        raise ValueError("This file is not text. Bring numbers, one a line, or a WFDB pair (.hea and .dat).")
    separator = _separator([line for line, _ in zip(_text(content), range(200), strict=False)])
    numbers, lines, known, beside, judged, words = array("d"), 0, 0, 0, 0, list[str]()
    try:
        for row in _rows(content, separator):
            number = _number(row[-1] if row else "")
            lines, known = lines + 1, known + math.isfinite(number)
            if known:  # else it is a header
                numbers.append(number)
                if beside < JUDGED:
                    beside, judged = beside + len(row) - 1, known
                    words += filter(_is_word, row[:-1])
    except csv.Error as error:
        raise ValueError(NO_NUMBERS) from error
    if not known or known < 0.5 * lines:
        raise ValueError(NO_NUMBERS)
    if len(words) > 0.5 * judged:
        raise ValueError(
            f"This is a table with words in it, such as “{words[0].strip()[:20]}”, and no ECG. Bring numbers, one "
            "sample a line, in mV."
        )
    return np.array(numbers)


def _text(content: bytes) -> Iterator[str]:
    """The lines of a text that are not empty; ValueError where one is no line of a table."""
    for line in io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", errors="replace"):
        if len(line) > MAX_LINE:
            raise ValueError(NO_NUMBERS)
        if line.strip():
            yield line


def _rows(content: bytes, separator: str | None) -> Iterator[list[str]]:
    """The cells of each line."""
    if separator is None:
        return ([line] for line in _text(content))
    return csv.reader(_text(content), delimiter=separator, skipinitialspace=True)


def _is_word(cell: str) -> bool:
    """Whether a cell holds a word: neither a number nor a time of day."""
    return any(word.lower() not in NO_WORDS for word in WORD.findall(cell))


def read_wfdb(header: Path, signal: Path) -> Lead:
    """The first lead of a WFDB recording, lead II where there is one; ValueError where the two do not fit together.

    Both files are copied under names of ours, and the header is made to point at them: it cannot name another file.
    """
    import wfdb

    body, samples = _checked(header, signal.stat().st_size)
    pointed = [
        re.sub(r"^\S+", name, line) for name, line in zip(["lead", *["lead.dat"] * len(body)], body, strict=False)
    ]
    with tempfile.TemporaryDirectory() as folder:
        stem = str(Path(folder, "lead"))
        Path(f"{stem}.hea").write_text("\n".join(pointed) + "\n", encoding="ascii", errors="replace")
        shutil.copyfile(signal, f"{stem}.dat")
        facts = _tried(wfdb.rdheader, stem)
        _check_length(facts.sig_len or samples, facts.fs)
        names: list[str] = facts.sig_name or []
        at = next((i for i, name in enumerate(names) if name in ("MLII", "II")), 0)
        found = _tried(wfdb.rdrecord, stem, channels=[at])
    lead = as_lead(found.p_signal[:, 0], found.fs, title=f"{header.stem}, lead {names[at]}", unit=found.units[0])
    others = f"Of {len(names)} leads, {names[at]} was taken."
    return replace(lead, remarks=(others, *lead.remarks)) if len(names) > 1 else lead


def _checked(header: Path, size: int) -> tuple[list[str], int]:
    """The lines of a WFDB header that count, and how many samples of each lead a signal file of `size` bytes holds.

    ValueError where it is none, or says what wfdb would believe: a rate that is no number (it takes 250 Hz), leads by
    the thousand, frames of a million samples.
    """
    if header.stat().st_size > MAX_HEADER_BYTES:
        raise ValueError("This .hea is far longer than the header of a WFDB recording.")
    lines = header.read_text(encoding="ascii", errors="replace").splitlines()
    body = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    first = body[0].split() if body else []
    if len(first) < 2 or not re.fullmatch(r"\d{1,9}", first[1]) or "/" in first[0]:
        raise ValueError("This .hea is not the header of one WFDB recording.")
    said = first[2] if len(first) > 2 else ""
    rate = NUMBER.match(said)
    if not rate or not float(rate[0]) > 0:
        instead = f", but “{said[:20]}”" if said else ""
        raise ValueError(
            f"This .hea says no sampling rate that can be read{instead}. It stands in the first line, behind the "
            "number of leads: correct it, and try again."
        )
    _check_rate(float(rate[0]))
    if not 1 <= int(first[1]) <= MAX_LEADS:
        raise ValueError(f"This .hea names {int(first[1]):,} leads. Bring a WFDB recording of 1 to {MAX_LEADS}.")
    body = body[: 1 + int(first[1])]
    stored = [STORED.match(cells[1]) if len(cells := line.split()) > 1 else None for line in body[1:]]
    frames = [(s[1], int(s[2] or 1), int(s[3] or 0)) for s in stored if s]
    if len(frames) < int(first[1]) or any(
        f not in BITS or not 1 <= n <= MAX_FRAME or skew > MAX_SKEW for f, n, skew in frames
    ):
        raise ValueError(NO_PAIR)
    return body, int(8 * size / sum(BITS[form] * n for form, n, _ in frames))


def _tried(read: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What one of wfdb's readers gives; whatever it raises (ValueError, IndexError, TypeError …) becomes a sentence."""
    try:
        return read(*arguments, **options)
    except Exception as error:
        raise ValueError(NO_PAIR) from error


def _check_rate(rate_hz: float) -> None:
    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise ValueError(
            f"The sampling rate must lie between {LOWEST_HZ} and {HIGHEST_HZ} Hz, and {rate_hz:g} Hz was given."
        )


def _check_not_too_long(samples: float, rate_hz: float, about: float = 1.0) -> None:
    longest = min(LONGEST_SECONDS, MAX_SAMPLES / rate_hz)
    if (seconds := samples / rate_hz) > about * longest:
        amount, unit = (seconds / 3600, "hours") if seconds > 2 * 3600 else (seconds / 60, "minutes")
        where = f"at {rate_hz:g} Hz " if longest < LONGEST_SECONDS else ""
        raise ValueError(TOO_LONG.format(amount, unit, where, round(longest / 60, 1)))


def _check_length(samples: int, rate_hz: float) -> None:
    _check_not_too_long(samples, rate_hz)
    if (seconds := samples / rate_hz) < SHORTEST_SECONDS:
        lasts = f"{seconds:.1f}" if seconds >= 0.1 else f"{seconds:.2f}"
        raise ValueError(
            f"This recording is too short, {lasts} s: a beat is judged by its neighbours, so bring "
            f"{SHORTEST_SECONDS} s or more."
        )


def _gaps(x_T: np.ndarray, rate_hz: float) -> tuple[tuple[int, int], ...]:
    """Where samples are missing for `GAP_SECONDS` or more, from and to which sample at 360 Hz."""
    edge = np.flatnonzero(np.diff(np.concatenate([[False], ~np.isfinite(x_T), [False]]).astype(int)))
    spans = edge.reshape(-1, 2) / rate_hz
    return tuple((int(a * RATE_HZ), int(np.ceil(b * RATE_HZ))) for a, b in spans if b - a >= GAP_SECONDS)


def _bridged(x_T: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Gaps filled by straight lines, where they are few."""
    known_T = np.isfinite(x_T)
    lost = 1 - known_T.mean()
    if lost > GAP_SHARE:
        raise ValueError(
            f"{100 * lost:.0f} % of the samples are missing or no numbers; up to "
            f"{100 * GAP_SHARE:.0f} % can be bridged."
        )
    if not lost:
        return x_T, []
    at = np.arange(len(x_T))
    return np.interp(at, at[known_T], x_T[known_T]), [
        f"{100 * lost:.2g} % of the samples were missing, and were bridged by straight lines."
    ]


def _in_mv(x_T: np.ndarray, unit: str | None) -> tuple[np.ndarray, list[str]]:
    """Samples in mV: by the file's own unit, or, where the numbers cannot be mV, by guessing from their size."""
    known = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "v": 1e3}
    if unit is not None and unit.lower() in known:
        return x_T * known[unit.lower()], []
    low, high = np.quantile(x_T, (0.001, 0.999))
    tall = high - low
    if 0.05 <= tall <= 20:
        return x_T, []
    if tall < 0.05 and tall * 1e3 <= 20 and tall >= 1e-4:
        return x_T * 1e3, ["These numbers are too small for mV and were taken as volts."]
    if tall < 1e-4:
        raise ValueError("The line is flat: there is no heartbeat in it.")
    return x_T * (1.5 / tall), [
        f"A span of {tall:,.0f} cannot be mV: these look like an AD converter's own numbers, or µV. They were "
        "scaled to a span of 1.5 mV, so heights on the paper are not to be measured."
    ]


def _separator(lines: Sequence[str]) -> str | None:
    """What stands between columns: a comma only where it is no decimal comma."""
    sample = lines[1:200] or lines
    if sum(";" in line for line in sample) > len(sample) / 2:
        return ";"
    if sum("\t" in line for line in sample) > len(sample) / 2:
        return "\t"
    plain = sum(bool(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", line)) for line in sample)
    if sum("," in line for line in sample) > len(sample) / 2:
        return "," if plain < len(sample) / 2 else None
    return " " if sum(" " in line.strip() for line in sample) > len(sample) / 2 else None


def _number(cell: str) -> float:
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return np.nan
