"""NIfTI in and out: a header is believed in nothing that was not checked, and what goes out lies where it came from."""

import gzip
import math
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from torch import Tensor

from signals.volume_bounds import BRING, check_sides, numbers, or_broken
from signals.volume_cube import Volume, inside, placed, standard_affine

MAX_OFFSET = 10**6
"""Bytes of a NIfTI before its voxels: a header has 352 or 544, the rest is remarks of programs."""
THINNEST_MM, WIDEST_MM = 0.02, 20.0
"""Of a voxel, from microscopes for bones to the thickest slices: what lies beyond is a mistake."""
TILTED = 10.0
"""Degrees: a scan along the body's axes is less oblique than that."""
UNITS = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
"""Millimetres in NIfTI's unit of length: unknown, metre, millimetre, micrometre."""
NOT_NIFTI = f"This file is named as NIfTI and is none: its header cannot be read. {BRING}"


def read_nifti(path: Path) -> Volume:
    """A `.nii` or `.nii.gz` file as a mask `x_DHW` in the cube, with where it lies; ValueError in a visitor's words."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"  # whatever the name says
    with or_broken(), gzip.open(path) if packed else path.open("rb") as file:
        stream = cast(BinaryIO, file)
        header = _header(stream.read(544))
        shape, dtype, offset = _told(header)
        stream.seek(offset)
        values_N = numbers(stream, dtype, math.prod(shape))
        affine_44 = _affine(header)
        mask_XYZ, said = inside(values_N.reshape(shape, order="F"), darkest=float(header["scl_slope"]) < 0)
    return _turned(mask_XYZ, affine_44, said)


def _header(block: bytes) -> Any:
    """The header as nibabel has it, NIfTI-1 or 2, either way round; nothing in it is believed yet."""
    from nibabel.nifti1 import Nifti1Header
    from nibabel.nifti2 import Nifti2Header

    for kind in (Nifti1Header, Nifti2Header):
        size = kind.template_dtype.itemsize
        if len(block) >= size and kind.may_contain_header(block[:size]):
            header = kind(block[:size], check=False)
            magic = bytes(header["magic"])
            if magic[:2] == b"ni":
                raise ValueError(
                    "This is half of a pair of .hdr and .img. Save it as one .nii or .nii.gz file, and retry."
                )
            return header
    raise ValueError(NOT_NIFTI)


def _told(header: Any) -> tuple[tuple[int, int, int], np.dtype, int]:
    """Sides, kind of number and place of the voxels, as the header tells them: refused where they cannot be."""
    many, *sides = (int(n) for n in header["dim"])
    if not 1 <= many <= 7 or any(n < 1 for n in sides[:many]):
        raise ValueError(f"The header of this file lies: it speaks of sides that cannot be. {BRING}")
    while many > 3 and sides[many - 1] == 1:
        many -= 1
    if many != 3:
        raise ValueError(
            f"This file has {many} dimensions, and a volume has three: bring one volume of a series, not all of it."
        )
    check_sides(sides[:3])
    try:
        dtype = header.get_data_dtype()
    except Exception as error:  # nibabel's own kind, of a code that no table has
        raise ValueError(f"The header of this file lies: its kind of number does not exist. {BRING}") from error
    offset, least = float(header["vox_offset"]), header.template_dtype.itemsize
    if not least <= offset <= MAX_OFFSET:
        raise ValueError(f"The header of this file lies: its voxels cannot begin where it says. {BRING}")
    return (sides[0], sides[1], sides[2]), dtype, int(offset)


def _affine(header: Any) -> np.ndarray:
    """`(4, 4)`: from a voxel to millimetres right, front and head; ValueError where it has no width or no place."""
    unit = UNITS.get(int(header["xyzt_units"]) & 7)
    wrong = "The header of this file lies about how wide its voxels are ({}). Mend it where it was made, and retry."
    if unit is None:
        raise ValueError(wrong.format("an unknown unit"))
    try:
        affine_44 = np.array(header.get_best_affine(), dtype=float)
    except Exception as error:  # nibabel's own kind, of negative widths and impossible turns
        raise ValueError(wrong.format("less than nothing, or turned in a way that cannot be")) from error
    affine_44[:3] *= unit
    width_3 = np.linalg.norm(affine_44[:3, :3], axis=0) if np.isfinite(affine_44).all() else np.zeros(3)
    if not ((width_3 >= THINNEST_MM) & (width_3 <= WIDEST_MM)).all() or np.abs(affine_44).max() > 1e6:
        told = " × ".join(f"{one:.3g}" for one in width_3)
        raise ValueError(wrong.format(f"{told} mm; {THINNEST_MM:g} to {WIDEST_MM:g} are read"))
    if abs(np.linalg.det(affine_44[:3, :3] / width_3)) < 0.1:  # 1 where axes are at right angles
        raise ValueError(wrong.format("two of its axes point the same way"))
    return affine_44


def _turned(mask_XYZ: np.ndarray, affine_44: np.ndarray, said: list[str]) -> Volume:
    """With its axes, each as near to it as it is, to the left, the back and the head."""
    from nibabel import orientations

    wanted = orientations.axcodes2ornt(("L", "P", "S"))
    turn = orientations.ornt_transform(orientations.io_orientation(affine_44), wanted)
    affine_44 = affine_44 @ orientations.inv_ornt_aff(turn, mask_XYZ.shape)
    nearest = np.abs(np.diag(affine_44)[:3]) / np.linalg.norm(affine_44[:3, :3], axis=0)
    tilt = math.degrees(math.acos(min(1.0, nearest.min())))
    if tilt > TILTED:
        said = [*said, f"Its axes are tilted by {tilt:.0f}°, and were left so."]
    return placed(orientations.apply_orientation(mask_XYZ, turn), affine_44, said)


def nifti(x_DHW: Tensor, affine_44: np.ndarray | None = None) -> bytes:
    """A mask (as bytes of 0 and 1) or any other `x_DHW` (as float32) as `.nii.gz`, its voxels where `affine_44` says.

    The affine is a `Volume`'s; without one they are 1 mm wide. What has the same affine lies in the same place.
    """
    import nibabel as nib  # takes half a second

    x = x_DHW.detach().cpu().numpy()
    is_mask = bool(((x == 0) | (x == 1)).all())
    affine_44 = standard_affine(1.0) if affine_44 is None else affine_44
    made = nib.Nifti1Image(x.astype(np.uint8 if is_mask else np.float32), affine_44)
    made.header.set_xyzt_units("mm")
    made.set_qform(affine_44, 2)  # some programs read the one, some the other; 2 is “aligned to something”
    made.set_sform(affine_44, 2)
    return gzip.compress(made.to_bytes(), mtime=0)
