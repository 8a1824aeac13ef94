"""Volumes out of files that somebody brings: `.nii`, `.nii.gz`, `.npy`, `.npz`, slices as PNG, and a zip of those.

Each is bounded before it is decoded, and refused in a sentence (ValueError) where it lies, is broken, or is no volume.
"""

import io
import math
import re
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from PIL import Image

from signals import image
from signals.volume_bounds import BRING, MAX_SIDE, check_sides, numbers, or_broken
from signals.volume_cube import Volume, inside, placed
from signals.volume_nifti import read_nifti

MAX_BYTES = 20 * 10**6
"""Of all the files together."""
MAX_SLICE_BYTES = 300_000
"""Of one PNG: 256² pixels of four channels, not compressed at all; 256 such are 77 MB."""
MAX_DIRECTORY = 200_000
"""Bytes of a zip's list of files, 100 or so for each: Python keeps ten times as much of it."""
NAMES = ("volume", "image", "images", "mask")
"""Of the arrays in an `.npz`, whose it is where there are several."""
DUST = re.compile(r"/$|(^|/)[._]")
"""Folders, and what file managers put into a zip on their own account."""
DIGITS = re.compile(r"\d+")


def read(paths: str | Path | Sequence[str | Path]) -> Volume:
    """One file, or PNG slices in the order of their names, as a mask `x_DHW` in a cube of 64 mm, with what was done.

    Raises ValueError with a sentence for the visitor.
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    if not files:
        raise ValueError(f"There is no file here yet. {BRING}")
    if sum(path.stat().st_size for path in files) > MAX_BYTES:
        raise ValueError(f"This is too large: {MAX_BYTES // 10**6} MB at most. Crop it to the gland, or compress it.")
    name = files[0].name.lower()
    if all(path.suffix.lower() == ".png" for path in files):
        return _stacked([(path.name, path.read_bytes()) for path in files])
    if len(files) > 1:
        raise ValueError("Several files are taken for slices, and must all be PNG. Else bring one file.")
    if name.endswith((".nii", ".nii.gz")):
        return read_nifti(files[0])
    if name.endswith(".npy"):
        with files[0].open("rb") as file:
            mask_DHW, said = inside(_npy(file))
        return placed(mask_DHW, None, said)
    if name.endswith((".npz", ".zip")):
        return _zipped(files[0])
    raise ValueError(f"This kind of file is not read here. {BRING}")


def _npy(stream: BinaryIO) -> np.ndarray:
    """The three-dimensional array of an `.npy`; its sides of 1 do not count."""
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(stream)
        if version != (1, 0):  # others have headers of up to 4 GB, for columns with names
            raise ValueError("an unusual version")
        shape, is_fortran, dtype = npy.read_array_header_1_0(stream)
    except Exception as error:  # numpy's reader raises whatever it stumbles over
        raise ValueError(f"This is no array of numpy's that can be read. {BRING}") from error
    sides = tuple(n for n in shape if n != 1)
    if len(sides) != 3:
        raise ValueError(
            f"This array has {len(sides)} dimensions, and a volume has three: bring one volume, not several."
        )
    check_sides(sides)
    return numbers(stream, dtype, math.prod(sides)).reshape(sides, order="F" if is_fortran else "C")


def _zipped(path: Path) -> Volume:
    """An `.npz`, or a zip of PNG slices."""
    if not _is_small_zip(path):
        raise ValueError(f"This is no zip, or one of too many files: {MAX_SIDE} slices at most. {BRING}")
    with or_broken(), zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not DUST.search(one.filename)]
        if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in members):
            raise ValueError("This zip is packed in an unusual way. Make it again with any ordinary program.")
        if arrays := [one for one in members if one.filename.lower().endswith(".npy")]:
            with archive.open(_chosen(arrays)) as file:
                mask_DHW, said = inside(_npy(cast(BinaryIO, file)))
        else:
            slices = [one for one in members if one.filename.lower().endswith(".png")]
            _check_number(len(slices))
            return _stacked([(one.filename, _member(archive, one)) for one in slices])
    return placed(mask_DHW, None, said)


def _is_small_zip(path: Path) -> bool:
    """Whether a zip's list of files is short, by what stands at its end: Python would read all of it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))  # an end record of 22 bytes with the longest remark
        end = file.read()
    record = end[end.rfind(b"PK\x05\x06") :] if b"PK\x05\x06" in end else b""
    if len(record) < 22 or b"PK\x06\x07" in end:  # the latter only where there are more than 4 GB, or 65,535 files
        return False
    return struct.unpack_from("<I", record, 12)[0] <= MAX_DIRECTORY


def _chosen(arrays: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    named = {one.filename.lower().removesuffix(".npy"): one for one in arrays}
    found = arrays if len(arrays) == 1 else [named[name] for name in NAMES if name in named]
    if not found:
        raise ValueError(f"This file holds {len(arrays)} arrays. Name the one that is meant “volume”, and retry.")
    return found[0]


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    with archive.open(one) as file:
        return file.read(MAX_SLICE_BYTES + 1)


def _check_number(slices: int) -> None:
    if not 2 <= slices <= MAX_SIDE:
        raise ValueError(f"There are {slices} PNG slices here: bring 2 to {MAX_SIDE} of them, all of one size.")


def _stacked(slices: list[tuple[str, bytes]]) -> Volume:
    """Slices as an atlas shows them, the patient's left on the right and the front on top, by the numbers in names."""
    _check_number(len(slices))
    slices = sorted(slices, key=lambda one: DIGITS.sub(lambda found: found[0].zfill(12), one[0]))
    sizes = {_size(content) for _, content in slices}
    if len(sizes) > 1:
        raise ValueError("The slices are not all of one size, so they are no volume. Save them again from one program.")
    check_sides((*sizes.pop(), len(slices)))
    mask_ZYX, said = inside(np.stack([_grey(content) for _, content in slices]))
    taken = "The slices are taken for axial ones from below upwards, left on the right, as thick as a pixel is wide."
    return placed(mask_ZYX.transpose(2, 1, 0), None, [taken, *said])


def _size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG, before its pixels are unpacked."""
    if len(content) > MAX_SLICE_BYTES:
        raise ValueError(f"A slice is too large: {MAX_SLICE_BYTES // 1000} KB at most. Save it as grey, and crop it.")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            return picture.size
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        raise ValueError("One of the slices is not a PNG that can be read. Save it again and retry.") from error


def _grey(content: bytes) -> np.ndarray:
    """`(H, W)` uint8; what is transparent is black, as what is outside is."""
    picture = image.read_whole(io.BytesIO(content)).convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "black"), picture).convert("L"))
