"""Whatever file a visitor brings is read as a volume, or refused in a sentence, in a bounded memory."""

import gzip
import io
import re
import struct
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from signals.volume import ball
from signals.volume_files import MAX_BYTES, read

nib = pytest.importorskip("nibabel")

GLAND = (ball((64, 64, 64), (30, 28, 36), 9) | ball((64, 64, 64), (38, 33, 30), 6)).numpy()
"""No two of its axes alike, so that none can be mistaken for another."""
MIB = 2**20
MOST_MIB = 420
"""Of a reading at its worst: 256³ doubles, and their mask, its crop in single precision and that turned once."""
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@contextmanager
def within(mib: float, seconds: float = 20) -> Iterator[None]:
    tracemalloc.start()
    started = time.perf_counter()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < mib * MIB
        assert time.perf_counter() - started < seconds
    finally:
        tracemalloc.stop()


def as_nifti(values: np.ndarray, affine: np.ndarray = LPS, kind: Any = None) -> bytes:
    return (kind or nib.Nifti1Image)(values, affine).to_bytes()


def stored(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def patched(content: bytes, at: int, form: str, *values: float) -> bytes:
    made = bytearray(content)
    struct.pack_into(form, made, at, *values)
    return bytes(made)


PLAIN = as_nifti(GLAND.astype(np.uint8))
DIM, DATATYPE, PIXDIM, OFFSET, SLOPE, UNITS, QFORM, SFORM, SROW, MAGIC = 40, 70, 76, 108, 112, 123, 252, 254, 280, 344


def png(values: np.ndarray, mode: str | None = None) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(values)
    (picture.convert(mode) if mode else picture).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy(values: np.ndarray, **how: Any) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, **how)
    return buffer.getvalue()


# What is read


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("dtype", ["u1", "i2", ">i2", "f4", ">f4", "f8"])
def test_nifti_of_all_kinds(tmp_path: Path, kind: Any, dtype: str) -> None:
    image = kind(GLAND.astype(dtype), LPS, header=kind.header_class(endianness=">" if ">" in dtype else "<"))
    image.header.set_data_dtype(dtype)
    for name, content in (("a.nii", image.to_bytes()), ("A.NII.GZ", gzip.compress(image.to_bytes()))):
        found = read(stored(tmp_path / name, content))
        assert np.array_equal(found.x_DHW.numpy() > 0, GLAND) and found.said == "" and found.millimetres == 1
        assert np.array_equal(found.affine_44, LPS)


@pytest.mark.parametrize("axes", ["RAS", "LAS", "SRP", "AIL", "PSR", "LPS"])
def test_axes_come_to_lie_as_the_nets_know_them(tmp_path: Path, axes: str) -> None:
    turn = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt(tuple("LPS")), nib.orientations.axcodes2ornt(tuple(axes))
    )
    turned = nib.orientations.apply_orientation(GLAND.astype(np.uint8), turn)
    affine = LPS @ nib.orientations.inv_ornt_aff(turn, GLAND.shape)
    found = read(stored(tmp_path / "a.nii", as_nifti(np.ascontiguousarray(turned), affine)))
    assert np.array_equal(found.x_DHW.numpy() > 0, GLAND) and np.allclose(found.affine_44, LPS)


def test_a_tilt_is_said(tmp_path: Path) -> None:
    angle = np.radians(20)
    tilted = LPS.copy()
    tilted[:2, :2] = [[-np.cos(angle), -np.sin(angle)], [np.sin(angle), -np.cos(angle)]]
    assert "tilted by 20°" in read(stored(tmp_path / "a.nii", as_nifti(GLAND.astype(np.uint8), tilted))).said


def test_the_unit_of_length_and_a_scale_below_zero_are_heeded(tmp_path: Path) -> None:
    metres = patched(as_nifti(GLAND.astype(np.uint8), np.diag([-0.001, -0.001, 0.001, 1])), UNITS, "B", 1)
    assert np.array_equal(read(stored(tmp_path / "a.nii", metres)).x_DHW.numpy() > 0, GLAND)
    negative = patched(as_nifti(1 - GLAND.astype(np.uint8)), SLOPE, "<f", -1.0)
    assert np.array_equal(read(stored(tmp_path / "b.nii", negative)).x_DHW.numpy() > 0, GLAND)


def test_arrays_of_numpy(tmp_path: Path) -> None:
    grey = GLAND.astype(np.uint8) * 255
    for name, content in {
        "a.npy": npy(grey),
        "b.npy": npy(np.asfortranarray(GLAND)),
        "c.npy": npy(grey[None, ..., None].astype(">f8")),
        "d.npz": zipped({"whatever.npy": npy(grey)}),
        "e.npz": zipped({"label.npy": npy(np.zeros(3)), "volume.npy": npy(grey)}, zipfile.ZIP_STORED),
    }.items():
        found = read(stored(tmp_path / name, content))
        assert np.array_equal(found.x_DHW.numpy() > 0, GLAND), name
        assert "1 mm is assumed" in found.said


def test_slices_are_stacked_by_the_numbers_in_their_names(tmp_path: Path) -> None:
    names = [f"s{i}.png" for i in range(64)]
    slices = [png(GLAND[:, :, i].T.astype(np.uint8) * 255) for i in range(64)]
    assert sorted(names) != names
    paths = [stored(tmp_path / name, content) for name, content in zip(names, slices, strict=True)]
    found = read(paths[::-1])
    assert np.array_equal(found.x_DHW.numpy() > 0, GLAND) and "axial" in found.said
    dust = {"__MACOSX/._s0.png": b"junk", ".DS_Store": b"junk", "folder/": b""}
    members = {f"folder/{name}": content for name, content in zip(names, slices, strict=True)}
    assert np.array_equal(read(stored(tmp_path / "a.zip", zipped(dust | members))).x_DHW.numpy() > 0, GLAND), (
        "what a file manager adds is not looked at"
    )


@pytest.mark.parametrize("mode", ["1", "LA", "RGB", "RGBA", "P", "I;16"])
def test_slices_in_any_mode(tmp_path: Path, mode: str) -> None:
    form = (lambda a: png(a.astype(np.uint16) * 60_000)) if mode == "I;16" else (lambda a: png(a * np.uint8(255), mode))
    members = {f"{i}.png": form(GLAND[:, :, i].T) for i in range(64)}
    assert np.array_equal(read(stored(tmp_path / "a.zip", zipped(members))).x_DHW.numpy() > 0, GLAND)


# What is refused

BAD_NIFTI = {
    "text": (b"x,y,z\n1,2,3\n" * 100, "is none"),
    "nothing": (b"", "is none"),
    "zeros": (bytes(10_000), "is none"),
    "gzip of text": (gzip.compress(b"hello" * 1000), "is none"),
    "gzip in gzip": (gzip.compress(gzip.compress(PLAIN)), "is none"),
    "gzip cut short": (gzip.compress(PLAIN)[:-200], "broken|ends before"),
    "gzip of junk": (b"\x1f\x8b" + bytes(200), "broken"),
    "cut short": (PLAIN[:-5], "ends before"),
    "header alone": (PLAIN[:352], "ends before"),
    "half a header": (PLAIN[:200], "is none"),
    "half of a pair": (patched(PLAIN, MAGIC, "4s", b"ni1\0"), "half of a pair"),  # type: ignore[arg-type]
    "sides beyond the file": (patched(PLAIN, DIM, "<8h", 3, 256, 256, 256, 1, 1, 1, 1), "ends before"),
    "sides too large": (patched(PLAIN, DIM, "<8h", 3, 257, 64, 64, 1, 1, 1, 1), "257 × 64 × 64 voxels: at most 256"),
    "huge sides": (patched(PLAIN, DIM, "<8h", 3, 32767, 32767, 32767, 1, 1, 1, 1), "at most 256"),
    "negative sides": (patched(PLAIN, DIM, "<8h", 3, -64, 64, 64, 1, 1, 1, 1), "lies"),
    "no side": (patched(PLAIN, DIM, "<8h", 3, 0, 64, 64, 1, 1, 1, 1), "lies"),
    "no dimensions": (patched(PLAIN, DIM, "<8h", 0, 64, 64, 64, 1, 1, 1, 1), "lies"),
    "99 dimensions": (patched(PLAIN, DIM, "<8h", 99, 64, 64, 64, 1, 1, 1, 1), "lies"),
    "a slice": (as_nifti(np.eye(64, dtype=np.uint8)), "2 dimensions"),
    "one slice of a volume": (as_nifti(np.eye(64, dtype=np.uint8)[..., None]), "no volume, but a slice"),
    "a film": (as_nifti(np.zeros((8, 8, 8, 4), dtype=np.uint8)), "4 dimensions"),
    "vectors": (as_nifti(np.zeros((8, 8, 8, 1, 3), dtype=np.float32)), "5 dimensions"),
    "colours": (as_nifti(np.zeros((8, 8, 8), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])), "colours"),
    "complex": (as_nifti(np.zeros((8, 8, 8), dtype=np.complex64)), "no plain numbers"),
    "no such kind": (patched(PLAIN, DATATYPE, "<h", 77), "kind of number"),
    "bits": (patched(PLAIN, DATATYPE, "<h", 1), "kind of number|no plain numbers"),
    "kind larger than the file": (patched(PLAIN, DATATYPE, "<h", 64), "ends before"),
    "begins in the header": (patched(PLAIN, OFFSET, "<f", 10.0), "cannot begin"),
    "begins nowhere": (patched(PLAIN, OFFSET, "<f", float("nan")), "cannot begin"),
    "begins far off": (patched(PLAIN, OFFSET, "<f", 1e12), "cannot begin"),
    "begins behind its end": (patched(PLAIN, OFFSET, "<f", 900_000.0), "ends before"),
    "voxels of no width": (patched(PLAIN, SROW, "<f", 0.0), "how wide"),
    "voxels of NaN": (patched(PLAIN, SROW, "<f", float("nan")), "how wide"),
    "voxels of a kilometre": (patched(PLAIN, SROW, "<f", 1e6), "how wide"),
    "parallel axes": (patched(PLAIN, SROW, "<8f", 1, 1, 0, 0, 0, 0, 0, 0), "how wide|point the same"),
    "far away": (patched(PLAIN, SROW + 12, "<f", 1e30), "how wide"),
    "an unknown unit": (patched(PLAIN, UNITS, "B", 7), "unknown unit"),
    "empty": (as_nifti(np.zeros((64, 64, 64), dtype=np.uint8)), "every voxel is 0"),
    "full": (as_nifti(np.full((64, 64, 64), 7, dtype=np.int16)), "whole block"),
    "all NaN": (as_nifti(np.full((64, 64, 64), np.nan, dtype=np.float32)), "no shape"),
}


@pytest.mark.parametrize("name", BAD_NIFTI)
def test_a_nifti_that_cannot_be_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    content, told = BAD_NIFTI[name]
    refused(stored(tmp_path / "a.nii", content), told)


def refused(path: Path | list[Path], told: str = ".") -> None:
    with within(40), warnings.catch_warnings(), pytest.raises(ValueError, match=told) as caught:
        warnings.simplefilter("ignore")  # of numpy, about numbers that are none
        read(path)
    sentence = str(caught.value)
    assert sentence[0].isupper() and sentence.endswith((".", "?")) and "/" not in sentence.replace(" / ", "")
    assert re.search(r"signals/\w+\.py", str(caught.traceback[-1].path)), "these are our own words"


@pytest.mark.parametrize("width", [-1.0, 0.0, float("nan"), 1e-9, 1e9])
def test_widths_that_cannot_be_are_refused_where_nothing_else_says_them(tmp_path: Path, width: float) -> None:
    bare = patched(PLAIN, SFORM, "<h", 0)
    for code in (0, 1):
        content = patched(patched(bare, QFORM, "<h", code), PIXDIM + 4, "<f", width)
        if code or width != -1.0:  # without a form a sign means nothing
            refused(stored(tmp_path / "a.nii", content), "how wide")


HEADER_OF_2_GB = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b" " * MIB
BAD_ZIP: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (bytes, "no zip"),
    "text": (lambda: b"hello" * 100, "no zip"),
    "cut short": (lambda: zipped({"a.npy": npy(GLAND)})[:-30], "no zip"),
    "no member": (lambda: zipped({}), "0 PNG slices"),
    "one slice": (lambda: zipped({"1.png": png(GLAND[0])}), "1 PNG slices"),
    "too many slices": (lambda: zipped({f"{i}.png": b"" for i in range(257)}), "257 PNG slices"),
    "thousands of members": (lambda: zipped({f"{i}.txt": b"" for i in range(5000)}), "too many files"),
    "junk as slices": (lambda: zipped({"1.png": b"junk", "2.png": b"junk"}), "not a PNG"),
    "a JPEG by another name": (lambda: zipped({"1.png": b"\xff\xd8\xff", "2.png": png(GLAND[0])}), "not a PNG"),
    "ragged slices": (lambda: zipped({"1.png": png(GLAND[0]), "2.png": png(GLAND[0, :40])}), "not all of one size"),
    "wide slices": (lambda: zipped({f"{i}.png": png(np.eye(300, dtype=bool)) for i in range(2)}), "at most 256"),
    "a picture bomb": (lambda: zipped({f"{i}.png": png(np.zeros((9000, 9000), "u1")) for i in "ab"}), "at most 256"),
    "a slice cut short": (lambda: zipped({f"{i}.png": png(GLAND[32])[:-30] for i in range(4)}), "broken"),
    "black slices": (lambda: zipped({f"{i}.png": png(np.zeros((64, 64), bool)) for i in range(9)}), "every voxel is 0"),
    "slices of zeros": (lambda: zipped({f"{i}.png": bytes(50 * MIB) for i in range(2)}), "too large"),
    "an unusual packing": (lambda: zipped({"a.npy": npy(GLAND)}, zipfile.ZIP_LZMA), "unusual way"),
    "many arrays": (lambda: zipped({f"{i}.npy": npy(GLAND) for i in "ab"}), "2 arrays"),
    "MedMNIST whole": (lambda: zipped({"volume.npy": npy(np.zeros((50, 8, 8, 8), np.uint8))}), "4 dimensions"),
    "no array": (lambda: zipped({"volume.npy": b"junk"}), "no array"),
    "a pickle": (lambda: zipped({"volume.npy": npy(np.array([[[None]]]))}), "dimensions|no plain"),
    "objects": (lambda: zipped({"volume.npy": npy(np.full((4, 4, 4), None))}), "no plain numbers"),
    "words": (lambda: zipped({"volume.npy": npy(np.full((4, 4, 4), "abc"))}), "no plain numbers"),
    "an array too large": (lambda: zipped({"volume.npy": npy(np.zeros((2, 2, 300), np.uint8))}), "at most 256"),
    "an array that lies": (lambda: zipped({"volume.npy": npy(GLAND)[:1000]}), "ends before"),
    "a header of zeros": (lambda: zipped({"a.npy": HEADER_OF_2_GB}), "no array"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ZIP)
def test_a_zip_that_cannot_be_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    made, told = BAD_ZIP[name]
    refused(stored(tmp_path / "a.zip", made()), told)


def test_other_files_and_none_are_refused(tmp_path: Path) -> None:
    refused([], "no file here")
    refused(stored(tmp_path / "a.dcm", PLAIN), "not read here")
    refused(stored(tmp_path / "a.npy", b"\x93NUMPY junk"), "no array")
    refused([stored(tmp_path / "a.nii", PLAIN), stored(tmp_path / "b.nii", PLAIN)], "must all be PNG")
    refused(stored(tmp_path / "large.npy", bytes(MAX_BYTES + 1)), "20 MB at most")


# Memory


def test_gigabytes_of_zeros_cost_nothing(tmp_path: Path) -> None:
    bomb = gzip.compress(gzip_of_zeros := bytes(64 * MIB)) * 32  # members follow one another: 2 GB
    assert len(gzip_of_zeros) * 32 == 2**31
    refused(stored(tmp_path / "a.nii.gz", bomb), "is none")
    with within(40):  # behind a whole volume they are never unpacked
        assert read(stored(tmp_path / "b.nii.gz", gzip.compress(PLAIN) + bomb)).millimetres == 1


def test_the_largest_that_is_taken_stays_within_bounds(tmp_path: Path) -> None:
    grey = np.zeros((256, 256, 256))
    grey[20:230, 10:250, 5:251], grey[0, 0] = 1000.0, 7.5
    content = gzip.compress(as_nifti(grey, np.diag([-0.5, -0.5, 0.5, 1])), 1)
    del grey
    with within(MOST_MIB):
        found = read(stored(tmp_path / "a.nii.gz", content))
    assert found.millimetres > 1 and "Otsu" in found.said


def test_damage_anywhere_ends_in_a_volume_or_in_a_sentence(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    small = ball((20, 20, 20), (10, 10, 10), 6).numpy()
    whole = {
        "a.nii": as_nifti(small.astype(np.int16)),
        "b.nii.gz": gzip.compress(as_nifti(small.astype(np.float32))),
        "c.nii": as_nifti(small.astype(np.uint8), kind=nib.Nifti2Image),
        "d.npz": zipped({"volume.npy": npy(small)}),
        "e.npy": npy(small.astype(np.float32)),
        "f.zip": zipped({f"{i}.png": png(s) for i, s in enumerate(small)}),
    }
    read_all = 0
    with within(60, 100), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in whole.items():
            assert read(stored(tmp_path / name, content)).x_DHW.sum() > 0
            for _ in range(60):
                broken = bytearray(content)
                front = min(len(content), 400)
                for at in draw.integers(front if draw.random() < 0.7 else len(content), size=draw.integers(1, 6)):
                    broken[at] = draw.integers(256)
                try:
                    read_all += read(stored(tmp_path / name, bytes(broken))).x_DHW.shape == (64, 64, 64)
                except ValueError as error:
                    assert str(error)[0].isupper() and str(error).endswith("."), error
    assert 20 < read_all < 340
