"""Files of other kinds, for whatever takes a file: volumes, texts and tables, whole and lying about themselves."""

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from random import Random

import numpy as np

from tests.fuzz.things import MARK, Expect, Kind, cut, file, flipped


class Hostile:
    """What runs when somebody unpickles it."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return (print, ("an unpickled file was run",))


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=True, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def npy(x: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, x)
    return buffer.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def nii(shape: tuple[int, ...] = (8, 9, 7), kind: int = 16, bits: int = 32, voxels: bytes | None = None) -> bytes:
    """A NIfTI-1 volume whose header says what it is told to say."""
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, len(shape), *(list(shape) + [1] * 7)[:7])
    struct.pack_into("<hh", head, 70, kind, bits)
    struct.pack_into("<8f", head, 76, *[1.0] * 8)
    struct.pack_into("<f", head, 108, 352.0)
    head[344:348] = b"n+1\0"
    count = int(np.prod(np.abs(shape), dtype=np.float64))
    return bytes(head) + (np.zeros(min(count, 10_000), np.float32).tobytes() if voxels is None else voxels)


def volume(draw: Random) -> np.ndarray:
    return np.random.default_rng(draw.randrange(99)).random((12, 16, 14), dtype=np.float32)


def lying_npy(shape: str) -> bytes:
    """An array whose header promises more than follows."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + bytes(64)


def pickled() -> np.ndarray:
    objects = np.empty(1, dtype=object)
    objects[0] = Hostile()
    return objects


def _table(words: str, content: Callable[[Random], bytes], name: str = "table.csv", expect: Expect = "either") -> Kind:
    return file(f"a table: {words}", expect, name, content)


VOLUMES: tuple[Kind, ...] = (
    file("a volume as NPZ", "either", "volume.npz", lambda d: npz(volume=volume(d))),
    file("a volume as NPY", "either", "volume.npy", lambda d: npy(volume(d))),
    file("an NPZ of NaN", "either", "nan.npz", lambda d: npz(volume=volume(d) * np.nan)),
    file("an NPZ with nothing in it", "refuse", "empty.npz", lambda d: npz()),
    file("an NPZ of one number", "either", "scalar.npz", lambda d: npz(volume=np.array(3.0, np.float32))),
    file("an NPZ of six dimensions", "either", "six.npz", lambda d: npz(volume=np.zeros((2,) * 6))),
    file("an NPZ of objects, which would run", "refuse", "objects.npz", lambda d: npz(volume=pickled())),
    file("an NPY that promises a million million", "refuse", "lying.npy", lambda d: lying_npy("(1000000, 1000000)")),
    file("an NPZ that promises a million million", "refuse", "lying.npz", lambda d: zipped("volume.npy", lying_npy("(1000000, 1000000)"))),
    file("an NPZ that swells to 200 MB", "either", "bomb.npz", lambda d: npz(volume=np.zeros((50, 1000, 1000), np.float32))),
    file("an NPZ with a path for a name", "refuse", "path.npz", lambda d: zipped("../../etc/passwd", b"x")),
    file("a NIfTI", "either", "volume.nii", lambda d: nii()),
    file("a squeezed NIfTI", "either", "volume.nii.gz", lambda d: gzip.compress(nii())),
    file("a NIfTI of 30,000³", "refuse", "huge.nii", lambda d: nii((30_000, 30_000, 30_000))),
    file("a NIfTI of −5 voxels", "refuse", "less.nii", lambda d: nii((-5, 4, 4))),
    file("a NIfTI of a kind that nobody knows", "refuse", "kind.nii", lambda d: nii(kind=9999)),
    file("a NIfTI that swells to 200 MB", "either", "bomb.nii.gz", lambda d: gzip.compress(bytes(200_000_000))),
    file("an NPZ cut short", "refuse", "cut.npz", lambda d: cut(npz(volume=volume(d)), d)),
    file("an NPZ with bytes flipped", "either", "flipped.npz", lambda d: flipped(npz(volume=volume(d)), d, times=9)),
)  # fmt: skip
TEXTS: tuple[Kind, ...] = (
    file("a page of text", "refuse", "text.txt", lambda d: b"All happy families are alike. " * 200),
    file("text in another alphabet", "refuse", "text.txt", lambda d: "Все счастливые семьи похожи друг на друга. ".encode() * 100),
    file("one word of a million letters", "refuse", "word.txt", lambda d: b"a" * 1_000_000),
    file("text that is no UTF-8", "refuse", "text.txt", lambda d: b"caf\xe9 \xff\xfe\x80 " * 300),
    file("text with markup", "refuse", "text.txt", lambda d: f"{MARK} ".encode() * 300),
    file("text with zero bytes", "refuse", "text.txt", lambda d: b"a\x00b\x00" * 300),
    file("an empty text", "refuse", "empty.txt", lambda d: b""),
    file("JSON, nested deeply", "refuse", "deep.json", lambda d: b"[" * 100_000),
    file("a pickle", "refuse", "net.pkl", lambda d: b"cbuiltins\nprint\n(S'run'\ntR."),
    file("a program", "refuse", "run.sh", lambda d: b"#!/bin/sh\necho run\n"),
    file("a ZIP", "refuse", "files.zip", lambda d: zipped("../../x.py", b"print(1)")),
)  # fmt: skip
TABLES: tuple[Kind, ...] = (
    _table("amounts and names", lambda d: b"name,amount\n" + b"".join(b"Ada,%d\n" % d.randrange(999) for _ in range(500))),
    _table("numbers", lambda d: b"\n".join(b"%f,%f" % (d.random(), d.random()) for _ in range(4000))),
    _table("a heading alone", lambda d: b"time,amount,class\n", expect="refuse"),
    _table("rows of different lengths", lambda d: b"\n".join(b"1," * d.randrange(9) for _ in range(900))),
    _table("5,000 columns", lambda d: b"\n".join(b",".join([b"1"] * 5000) for _ in range(20))),
    _table("cells that a spreadsheet would run", lambda d: b"=HYPERLINK(\"http://127.0.0.1:9\"),1\n" * 500),
    _table("cells with markup", lambda d: f"{MARK},1\n".encode() * 500),
    _table("NaN and infinite", lambda d: b"nan,inf\n-inf,nan\n" * 900, expect="refuse"),
    _table("1e308 in every cell", lambda d: b"1e308,-1e308\n" * 3000),
    _table("a Parquet's beginning", lambda d: b"PAR1" + bytes(100) + b"PAR1", "table.parquet", "refuse"),
    _table("a spreadsheet", lambda d: zipped("xl/workbook.xml", b"<workbook/>"), "table.xlsx", "refuse"),
    _table("JSON lines", lambda d: b'{"a": 1}\n' * 900, "table.jsonl", "refuse"),
)  # fmt: skip
