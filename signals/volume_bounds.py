"""What a file of a volume may hold, and its numbers unpacked piece by piece, no further than they are wanted."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np

MAX_SIDE = 256
"""Voxels along a side: 256³ doubles are 134 MB, the most that is ever unpacked."""
PIECE = 2**20
"""Bytes that are unpacked at a time."""
BRING = "Bring a .nii, .nii.gz, .npy or .npz file, or slices as PNG in a .zip."
TOO_LARGE = f"This volume has {{}} voxels: at most {MAX_SIDE} along each side can be read. Crop it to the gland."
CUT = "This file ends before its last voxel: it is cut short, or its header lies. Save it again and retry."
BROKEN = f"This file is broken, or not what its name says. {BRING}"
TROUBLE = (
    OSError, EOFError, RuntimeError, NotImplementedError, KeyError, UnicodeDecodeError, struct.error, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
"""What gzip and zipfile raise of broken files."""


@contextmanager
def or_broken() -> Iterator[None]:
    """Raises ValueError with a sentence for whatever an unpacker stumbles over within; gives nothing, `()`."""
    try:
        yield
    except TROUBLE as error:
        raise ValueError(BROKEN) from error


def numbers(stream: BinaryIO, dtype: np.dtype, count: int) -> np.ndarray:
    """`(N,)`: so many numbers, in this machine's order of bytes; ValueError where there are fewer, or no numbers."""
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise ValueError(
            "This file holds colours or other things that are no plain numbers. Save it as a mask or as grey."
        )
    raw_N = np.empty(count * dtype.itemsize, dtype=np.uint8)
    view = memoryview(raw_N.data)
    at = 0
    while at < len(view):
        got = stream.readinto(view[at : at + PIECE])  # type: ignore[attr-defined]
        if not got:
            raise ValueError(CUT)
        at += got
    values_N = raw_N.view(np.uint8 if dtype.kind == "b" else dtype)
    if not values_N.dtype.isnative:
        values_N = values_N.byteswap(inplace=True).view(values_N.dtype.newbyteorder("="))
    return values_N


def check_sides(sides: Sequence[int]) -> None:
    """Raises ValueError where a volume of `(D, H, W)` voxels is too large, or flat."""
    told = " × ".join(f"{n:,}" for n in sides)
    if max(sides) > MAX_SIDE:
        raise ValueError(TOO_LARGE.format(told))
    if min(sides) < 2:
        raise ValueError(f"This is {told} voxels: no volume, but a slice of one. Bring all slices.")
