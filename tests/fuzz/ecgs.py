"""Electrocardiograms: columns of numbers and WFDB pairs, whole, odd, and lying about themselves."""

from collections.abc import Callable
from functools import cache
from random import Random

import numpy as np

from signals.synthetic_ecg import simulate
from tests.fuzz.things import MARK, Expect, File, Kind, Thing, cut, file, flipped

RATE_HZ = 360


@cache
def _lead(seconds: float = 20.0) -> tuple[float, ...]:
    return tuple(np.asarray(simulate(seconds).x_T, dtype=float).tolist())


def lead(seconds: float = 20.0) -> np.ndarray:
    """A lead in mV `(T,)` with beats in it."""
    return np.array(_lead(seconds))


def column(x_T: np.ndarray, form: str = "{:.4f}", end: str = "\n") -> bytes:
    return end.join(form.format(x) for x in x_T).encode()


def header(first: str = "r 1 360 7200", line: str = "r.dat 16 200/mV 16 0 0 0 0 MLII", *others: str) -> bytes:
    """A WFDB header that says what it is told to say."""
    return "\n".join([first, line, *others, ""]).encode("utf-8", errors="replace")


def signal(seconds: float = 20.0) -> bytes:
    return (lead(seconds) * 200).round().astype("<i2").tobytes()


def pair(
    words: str, expect: Expect, head: Callable[[Random], bytes], dat: Callable[[Random], bytes] | None = None
) -> Kind:
    """A header and its signal."""
    data = dat or (lambda draw: signal())
    return lambda draw: Thing(words, expect, files=(File("r.hea", head(draw)), File("r.dat", data(draw))))


def _first(words: str, first: str, expect: Expect = "refuse") -> Kind:
    return pair(f"a header with {words}", expect, lambda draw: header(first))


def _line(words: str, line: str, expect: Expect = "either") -> Kind:
    return pair(f"a signal line with {words}", expect, lambda draw: header(line=line))


def _csv(words: str, expect: Expect, content: Callable[[Random], bytes], name: str = "lead.csv") -> Kind:
    return file(f"numbers: {words}", expect, name, content)


def _gappy(share: float) -> Callable[[Random], bytes]:
    def made(draw: Random) -> bytes:
        lines = column(lead()).split(b"\n")
        return b"\n".join(b"" if i and draw.random() < share else b"x," + line for i, line in enumerate(lines))

    return made


def _missing(share: float) -> Callable[[Random], bytes]:
    def made(draw: Random) -> bytes:
        return b"\n".join(b"nan" if draw.random() < share else line for line in column(lead()).split(b"\n"))

    return made


def _with_time(separator: str) -> Callable[[Random], bytes]:
    def made(draw: Random) -> bytes:
        rows = (f"{i / RATE_HZ:.4f}{separator}{x:.4f}" for i, x in enumerate(lead()))
        return f"time{separator}mV\n{chr(10).join(rows)}".encode()

    return made


def _files(words: str, expect: Expect, *files: tuple[str, Callable[[], bytes]]) -> Kind:
    return lambda draw: Thing(words, expect, files=tuple(File(name, content()) for name, content in files))


COLUMNS: tuple[Kind, ...] = (
    _csv("one column", "answer", lambda d: column(lead())),
    _csv("with its time and commas", "answer", _with_time(",")),
    _csv("with its time and semicolons", "answer", _with_time(";")),
    _csv("with its time and tabs", "answer", _with_time("\t"), "lead.tsv"),
    _csv("decimal commas", "answer", lambda d: column(lead()).replace(b".", b",")),
    _csv("with a mark of its encoding and Windows' line ends", "answer", lambda d: b"\xef\xbb\xbf" + column(lead(), end="\r\n")),
    _csv("one in fifty missing", "answer", _missing(0.02)),
    _csv("one in three missing", "refuse", _missing(0.33)),
    _csv("two columns, one of them words", "either", _gappy(0.1)),
    _csv("in µV", "answer", lambda d: column(lead() * 1000, "{:.0f}")),
    _csv("of 1e308", "either", lambda d: column(lead() * 1e300, "{:e}")),
    _csv("of 1e307 to 1e308", "either", lambda d: column(lead() * 1e307, "{:e}")),
    _csv("infinite", "refuse", lambda d: column(lead() * np.inf)),
    _csv("not numbers at all", "refuse", lambda d: b"\n".join([b"nan"] * 7200)),
    _csv("a flat line", "refuse", lambda d: column(lead() * 0)),
    _csv("a flat line with one peak", "either", lambda d: column((np.arange(7200) == 3000) * 1.0)),
    _csv("white noise", "either", lambda d: column(np.random.default_rng(d.randrange(99)).normal(0, 1, 7200))),
    _csv("three lines", "refuse", lambda d: b"1\n2\n3\n"),
    _csv("very many digits", "either", lambda d: column(lead(), "{:.4f}" + "0" * 400)),
    _csv("one field of 200,000 letters", "either", lambda d: column(lead()[:2000]) + b"\n" + b"y" * 200_000 + b",1\n"),
    _csv("one field of 200,000 letters among two columns", "either", lambda d: _with_time(",")(d) + b"\n" + b"y" * 200_000 + b",1\n"),
    _csv("quotes that never close", "either", lambda d: b'"' + _with_time(",")(d)),
    _csv("a zero byte in the middle", "either", lambda d: column(lead()) + b"\n\x00\n1"),
    _csv("in UTF-16", "either", lambda d: column(lead()).decode().encode("utf-16")),
    _csv("in Latin-1 with a heading", "either", lambda d: "Größe\n".encode("latin-1") + column(lead())),
    _csv("two million lines", "refuse", lambda d: b"0.1\n0.2\n" * 1_000_000),
    _csv("all on one line", "refuse", lambda d: column(lead(), end=" ")),
    _csv("2 MB on one line", "refuse", lambda d: b"1,2," * 500_000),
    _csv("a name with markup", "either", lambda d: column(lead()), f"{MARK}.csv"),
    _csv("a heading with markup", "either", lambda d: f"t,{MARK}\n".encode() + _with_time(",")(d)),
    _csv("words with markup", "refuse", lambda d: f"{MARK},1\n".encode() * 6000),
    _csv("complex ones", "refuse", lambda d: b"1+2j\n" * 7200),
    _csv("hexadecimal ones", "refuse", lambda d: b"0x1f\n" * 7200),
    _csv("integers of 500 digits", "either", lambda d: (b"9" * 500 + b"\n1\n") * 3600),
    _csv("nothing", "refuse", lambda d: b""),
    _csv("an empty line", "refuse", lambda d: b"\n\n"),
    _csv("bytes", "refuse", lambda d: d.randbytes(9000)),
    _csv("spoiled", "either", lambda d: flipped(column(lead()), d, times=200)),
)  # fmt: skip
PAIRS: tuple[Kind, ...] = (
    pair("a good pair", "answer", lambda d: header()),
    pair("a good pair of two leads", "either", lambda d: header("r 2 360 3600", "r.dat 16 200/mV 16 0 0 0 0 MLII", "r.dat 16 200/mV 16 0 0 0 0 V5")),
    pair("comments around", "answer", lambda d: b"# a\n" + header() + b"# <age>: 69\n"),
    _first("a rate of −360", "r 1 -360 7200"), _first("a rate that is a word", "r 1 abc 7200"),
    _first("no rate", "r 1"), _first("a rate of 0", "r 1 0 7200"), _first("a rate of NaN", "r 1 nan 7200"),
    _first("a rate of 1e9", "r 1 1e9 7200"), _first("a rate of 360.5", "r 1 360.5 7200", "either"),
    _first("a counter beside the rate", "r 1 360/250(10) 7200", "either"), _first("an endless rate", "r 1 inf 7200"),
    _first("a rate of 4,999.999", "r 1 4999.999 72000", "either"),
    _first("no signals", "r 0 360 7200"), _first("9,999 signals", "r 9999 360 7200"),
    _first("−1 signals", "r -1 360 7200"), _first("segments", "r/2 1 360 7200"),
    _first("a million million samples", "r 1 360 1000000000000"), _first("no samples", "r 1 360 0", "either"),
    _first("−7,200 samples", "r 1 360 -7200", "either"), _first("7 samples", "r 1 360 7"),
    _first("more samples than there are", "r 1 360 9000", "refuse"), _first("a date in it", "r 1 360 7200 25:61:61 99/99/9999", "either"),
    _first("another name", "../../etc/passwd 1 360 7200"), _first("a name with markup", f"{MARK.replace(' ', '')} 1 360 7200", "either"),
    _line("form 212", "r.dat 212 200/mV 12 0 0 0 0 MLII"), _line("form 80", "r.dat 80 200/mV 8 0 0 0 0 MLII"),
    _line("form 999", "r.dat 999 200/mV 12 0 0 0 0 MLII", "refuse"), _line("form 508", "r.dat 508 200/mV 16 0 0 0 0 MLII", "refuse"),
    _line("no form", "r.dat", "refuse"), _line("no gain", "r.dat 16"),
    _line("a gain of 0", "r.dat 16 0/mV 16 0 0 0 0 MLII"), _line("a gain of NaN", "r.dat 16 nan/mV 16 0 0 0 0 MLII"),
    _line("a gain of −200", "r.dat 16 -200/mV 16 0 0 0 0 MLII"), _line("a gain of 1e308", "r.dat 16 1e308/mV 16 0 0 0 0 MLII"),
    _line("a base of 1e9", "r.dat 16 200(1000000000)/mV 16 0 0 0 0 MLII"), _line("a unit that is markup", f"r.dat 16 200/{MARK.replace(' ', '')} 16 0 0 0 0 MLII"),
    _line("an offset beyond the end", "r.dat 16+99999999 200/mV 16 0 0 0 0 MLII", "refuse"), _line("a skew of 999,999", "r.dat 16:999999 200/mV 16 0 0 0 0 MLII"),
    _line("a thousand samples a frame", "r.dat 16x1000 200/mV 16 0 0 0 0 MLII"), _line("a million million samples a frame", "r.dat 16x1000000000000 200/mV 16 0 0 0 0 MLII", "refuse"),
    _line("another file's name", "../../../../etc/passwd 16 200/mV 16 0 0 0 0 MLII"), _line("an absolute name", "/etc/passwd 16 200/mV 16 0 0 0 0 MLII"),
    _line("a lead whose name is markup", f"r.dat 16 200/mV 16 0 0 0 0 {MARK}"), _line("a lead of 9,000 letters", "r.dat 16 200/mV 16 0 0 0 0 " + "M" * 9000),
    _line("no resolution", "r.dat 16 200/mV"), _line("words for numbers", "r.dat 16 200/mV a b c d e MLII"),
    pair("an empty header", "refuse", lambda d: b""),
    pair("only comments", "refuse", lambda d: b"# nothing\n# here\n"),
    pair("a header of bytes", "refuse", lambda d: d.randbytes(500)),
    pair("a hundred thousand lines of header", "refuse", lambda d: header() + b"r.dat 16 200/mV 16 0 0 0 0 V\n" * 100_000),
    pair("a header with one byte changed", "either", lambda d: flipped(header(), d)),
    pair("a header with four bytes changed", "either", lambda d: flipped(header(), d, times=4)),
    pair("a header cut short", "either", lambda d: cut(header(), d)),
    pair("an empty signal", "refuse", lambda d: header(), lambda d: b""),
    pair("a signal of three bytes", "refuse", lambda d: header(), lambda d: b"abc"),
    pair("a flat signal", "refuse", lambda d: header(), lambda d: bytes(14_400)),
    pair("a signal of noise", "either", lambda d: header(), lambda d: d.randbytes(14_400)),
    pair("a signal without values", "refuse", lambda d: header(), lambda d: b"\x00\x80" * 7200),
    _files("a header alone", "refuse", ("r.hea", header)),
    _files("a signal alone", "refuse", ("r.dat", signal)),
    _files("two headers", "refuse", ("r.hea", header), ("s.hea", header)),
    _files("a header and numbers", "refuse", ("r.hea", header), ("r.csv", lambda: column(lead()))),
    _files("three files", "refuse", ("r.hea", header), ("r.dat", signal), ("r.csv", lambda: column(lead()))),
    _files("two columns", "refuse", ("a.csv", lambda: column(lead())), ("b.csv", lambda: column(lead()))),
    _files("a pair in capitals", "either", ("R.HEA", header), ("R.DAT", signal)),
    _files("a pair with markup for a name", "either", (f"{MARK}.hea", header), (f"{MARK}.dat", signal)),
    _files("nothing", "refuse"),
)  # fmt: skip
KINDS = COLUMNS + PAIRS
