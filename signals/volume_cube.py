"""Any volume as AdrenalMNIST3D has its glands: a mask in a cube of 64 mm, a voxel a millimetre, millimetres kept."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

SIDE = 64
"""Voxels along a side of the cube, and millimetres."""
CENTRE = 32.5
"""The voxel of the centre of mass, on average of AdrenalMNIST3D, counted from 0; measured within half of one."""
SCALED = 56
"""Voxels that the longest side of a thing gets which does not fit: 99 % of the glands' own are no longer."""
LEAST_VOXELS = 100
"""In the cube, for a shape to have a form: the smallest gland of AdrenalMNIST3D has 460."""
MEDMNIST = {28, 32, 64}
"""Sides of the cubes that MedMNIST comes in, all of them 64 mm wide."""
LABELS = 20
"""Whole numbers from 0 up to so many are labels of parts, not shades of grey."""
LARGEST = 1e30
"""A value beyond it is no brightness in any unit: it counts as missing, as NaN does."""
CHUNK = 2**20
"""Values that are looked at together, where a copy of all would take hundreds of MB."""


class Volume(NamedTuple):
    """A mask `x_DHW` (64 a side, 0 or 1), its voxel's width, where it lies `(4, 4)`, and what was done to it.

    D rises to the patient's left, H to the back, W to the head, as far as the file knew. `affine_44` takes a voxel to
    millimetres to the right, the front and the head, as NIfTI has it; `said` is sentences for the visitor.
    """

    x_DHW: Tensor
    millimetres: float
    affine_44: np.ndarray
    said: str


def standard_affine(millimetres: float) -> np.ndarray:
    """`(4, 4)`: where the voxels lie of a volume that knows no place: left, back and head, from the scanner's zero."""
    return np.diag([-millimetres, -millimetres, millimetres, 1.0])


def inside(values_DHW: np.ndarray, *, darkest: bool = False) -> tuple[np.ndarray, list[str]]:
    """What is inside, `(D, H, W)` bool, of numbers of any kind in one piece, and in sentences how that was decided.

    Two values are a mask, whole numbers from 0 are labels, all else is grey and parted by Otsu's threshold; the
    brighter part is inside, or the `darkest`. What is no number becomes NaN. ValueError where nothing stands out.
    """
    flat_N, said = values_DHW.ravel(order="K"), []
    low, high, missing = _range(flat_N)
    if missing:
        said.append(f"{100 * missing / flat_N.size:.2g} % of the values are no numbers; they count as outside.")
    if not high - low > 1e-30:
        full = "every voxel is 0" if low == 0 else "every voxel has the same value, so the whole block is inside"
        raise ValueError(f"There is no shape in this volume: {full}. Bring a mask, 1 inside the gland and 0 outside.")
    kinds = {_kind(chunk_N, low, high) for chunk_N in _chunks(flat_N)}
    if kinds == {"two"}:
        threshold = low + (high - low) / 2
    elif low == 0 and "grey" not in kinds:
        threshold = 0.5
        said.append(f"The file has labels up to {high:.0f}; all but 0 are taken together.")
    else:
        threshold = _otsu(flat_N, low, high)
        side = "darker" if darkest else "brighter"
        said.append(f"Grey was cut at {threshold:.4g} (Otsu's threshold); what is {side} is inside.")
    return (values_DHW < threshold if darkest else values_DHW >= threshold), said


def placed(mask_DHW: np.ndarray, affine_44: np.ndarray | None, said: list[str]) -> Volume:
    """A mask, D to the left, H to the back, W to the head, as a `Volume`: its `x_DHW` and what was done to it.

    Centred in the cube, resampled to its voxels, and scaled only where it does not fit. Without an affine a voxel is
    1 mm wide, or MedMNIST's. Raises ValueError where too little is left for a shape.
    """
    if affine_44 is None:
        is_known = len(set(mask_DHW.shape)) == 1 and mask_DHW.shape[0] in MEDMNIST
        width = SIDE / mask_DHW.shape[0] if is_known else 1.0
        affine_44 = standard_affine(width)
        said = [*said, f"The file does not say how wide a voxel is: {width:.3g} mm is assumed."]
    spacing_3 = np.round(np.linalg.norm(affine_44[:3, :3], axis=0), 4)
    crop_DHW, low_3, parts = _fitting(mask_DHW, spacing_3)
    longest = float((spacing_3 * crop_DHW.shape).max())
    width = 1.0 if longest <= SIDE else longest / SCALED
    start_3 = _start(crop_DHW, low_3, spacing_3, width)
    if width == 1 and mask_DHW.shape == 3 * (SIDE,) and (spacing_3 == 1).all():
        start_3 = np.zeros(3)  # it is such a cube already
    cube_DHW = _sampled(crop_DHW, start_3 - low_3, width / spacing_3) >= 0.5
    if cube_DHW.sum() < LEAST_VOXELS:
        raise ValueError(
            f"What is inside is too small to have a form: {cube_DHW.sum()} voxels of {width:.3g} mm are left of it, "
            f"and it takes {LEAST_VOXELS}. Bring a larger one, or check how wide its voxels are."
        )
    to_file_44 = np.diag([*(width / spacing_3), 1.0])
    to_file_44[:3, 3] = start_3
    told = " ".join([*said, *parts, *_resampled(spacing_3, width, longest)])
    return Volume(torch.from_numpy(cube_DHW).float(), width, affine_44 @ to_file_44, told)


def _chunks(flat_N: np.ndarray) -> Iterator[np.ndarray]:
    return (flat_N[i : i + CHUNK] for i in range(0, flat_N.size, CHUNK))


def _range(flat_N: np.ndarray) -> tuple[float, float, int]:
    """The least and the greatest value, and how many are missing: those become NaN, and 0, 0 where all are."""
    low, high, missing = math.inf, -math.inf, 0
    for chunk_N in _chunks(flat_N):
        if chunk_N.dtype.kind == "f":
            with np.errstate(invalid="ignore"):
                bad_N = ~(np.abs(chunk_N) <= min(LARGEST, float(np.finfo(chunk_N.dtype).max)))
            missing += int(bad_N.sum())
            chunk_N[bad_N] = np.nan
            chunk_N = chunk_N[~bad_N]
        if chunk_N.size:
            low, high = min(low, float(chunk_N.min())), max(high, float(chunk_N.max()))
    return (low, high, missing) if low <= high else (0.0, 0.0, missing)


def _kind(chunk_N: np.ndarray, low: float, high: float) -> str:
    """What a piece of a volume holds, missing values aside: `two` values, `labels`, or shades of `grey`."""
    chunk_N = chunk_N[~np.isnan(chunk_N)] if chunk_N.dtype.kind == "f" else chunk_N
    if bool(((chunk_N == low) | (chunk_N == high)).all()):
        return "two"
    return "labels" if high <= LABELS and bool((chunk_N == np.round(chunk_N)).all()) else "grey"


def _otsu(flat_N: np.ndarray, low: float, high: float) -> float:
    """The threshold that parts a histogram of 256 bins with the least variance within (Otsu 1979)."""
    edges = np.linspace(low, high, 257)
    counts = np.zeros(256)
    for chunk_N in _chunks(flat_N):
        share_N = (chunk_N.astype(np.float64) - low) / (high - low)
        counts += np.bincount((share_N[~np.isnan(share_N)] * 256).astype(np.int64).clip(0, 255), minlength=256)
    bins = np.arange(256) + 0.5
    below, sum_below = counts.cumsum()[:-1], (counts * bins).cumsum()[:-1]
    above = counts.sum() - below  # the first and the last bin are never empty: they hold the extremes
    apart = sum_below / below - ((counts * bins).sum() - sum_below) / above
    best = below * above * apart**2
    return float(edges[1:-1][best >= best.max() * (1 - 1e-9)].mean())  # of equals, as between two peaks, the middle


def _fitting(mask_DHW: np.ndarray, spacing_3: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """What is inside, cropped, and its first voxel `(3,)`: where it does not fit, the largest part alone."""
    low_3, crop_DHW = _cropped(mask_DHW)
    if (spacing_3 * crop_DHW.shape <= SIDE).all():
        return crop_DHW, low_3, []
    from scipy import ndimage  # not on the way of the first page

    labelled: Any = ndimage.label(crop_DHW)
    parts_DHW, count = labelled
    if count == 1:
        return crop_DHW, low_3, []
    more_3, crop_DHW = _cropped(parts_DHW == 1 + np.argmax(np.bincount(parts_DHW.ravel())[1:]))
    return crop_DHW, low_3 + more_3, [f"Its {count:,} parts do not fit into {SIDE} mm: the largest is shown."]


def _cropped(mask_DHW: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first voxel `(3,)` of what is inside, and the box `(d, h, w)` around it."""
    spans = []
    for other in ((1, 2), (0, 2), (0, 1)):
        at = np.flatnonzero(np.asarray(mask_DHW.any(axis=other)))
        spans.append(slice(at[0], at[-1] + 1))
    return np.array([span.start for span in spans]), mask_DHW[tuple(spans)]


def _resampled(spacing_3: np.ndarray, width: float, longest: float) -> list[str]:
    if width != 1:
        return [f"It is {longest:.0f} mm long and was scaled down to fit into {SIDE}, so its size says nothing."]
    if (spacing_3 == 1).all():
        return []
    return [f"Its voxels of {' × '.join(f'{one:.3g}' for one in spacing_3)} mm were resampled to 1 mm."]


def _start(crop_DHW: np.ndarray, low_3: np.ndarray, spacing_3: np.ndarray, width: float) -> np.ndarray:
    """`(3,)`: the voxel of the file, in fractions of one, that becomes the cube's first, so that all of it fits."""
    found = []
    for axis, other in enumerate(((1, 2), (0, 2), (0, 1))):
        mass_N = np.asarray(crop_DHW.sum(axis=other))
        centre = low_3[axis] + (mass_N * np.arange(len(mass_N))).sum() / mass_N.sum()
        step = width / spacing_3[axis]
        start = math.floor(centre) - math.floor(CENTRE) if step == 1 else centre - CENTRE * step
        latest = low_3[axis] - 0.5 + 0.5 * step
        earliest = low_3[axis] + len(mass_N) - 0.5 - (SIDE - 0.5) * step
        found.append(min(max(start, earliest), latest))
    return np.array(found)


def _sampled(crop_DHW: np.ndarray, start_3: np.ndarray, step_3: np.ndarray) -> np.ndarray:
    """`(64, 64, 64)` float32: values between voxels trilinear, and where steps are wide the mean over their width."""
    x = np.ascontiguousarray(crop_DHW, dtype=np.float32)
    for axis, length in enumerate(crop_DHW.shape):
        weight_NS = _weights(length, start_3[axis], step_3[axis])
        rest = x.shape[1:]
        x = (weight_NS.T @ x.reshape(length, -1)).reshape(SIDE, *rest)
        x = np.ascontiguousarray(np.moveaxis(x, 0, -1))
    return x


def _weights(length: int, start: float, step: float) -> np.ndarray:
    """`(N, 64)`: how much each voxel of a line counts in each of the cube's, where all that lie around make up 1."""
    reach = max(1.0, step)
    margin = math.ceil(reach) + 1
    at_S = start + step * np.arange(SIDE)
    near_SK = np.floor(at_S)[:, None] + np.arange(-margin, margin + 1)
    total_S = np.maximum(0, 1 - np.abs(near_SK - at_S[:, None]) / reach).sum(1)
    weight_NS = np.maximum(0, 1 - np.abs(np.arange(length)[:, None] - at_S) / reach) / total_S
    return weight_NS.astype(np.float32)
