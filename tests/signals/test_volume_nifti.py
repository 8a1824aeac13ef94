"""What goes out as NIfTI is what nibabel reads, and comes back to the same place."""

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from signals.volume import ball
from signals.volume_files import read
from signals.volume_nifti import nifti

nib = pytest.importorskip("nibabel")


def opened(content: bytes) -> Any:
    return nib.Nifti1Image.from_bytes(gzip.decompress(content))


def test_a_mask_and_its_heat_lie_in_the_same_place() -> None:
    affine = np.array([[-0.9, 0, 0.1, 30], [0, -1, 0, -12], [0.1, 0, 0.9, 700], [0, 0, 0, 1.0]])
    mask, heat = ball((64, 64, 64), (30, 28, 36), 9).float(), torch.randn(64, 64, 64)
    a, b = opened(nifti(mask, affine)), opened(nifti(heat, affine))
    assert np.array_equal(np.asarray(a.dataobj), mask.numpy()) and a.get_data_dtype() == np.uint8
    assert np.array_equal(np.asarray(b.dataobj), heat.numpy()) and b.get_data_dtype() == np.float32
    assert np.allclose(a.affine, affine, atol=1e-6) and np.array_equal(a.affine, b.affine)
    assert a.header.get_xyzt_units()[0] == "mm"


def test_programs_that_read_the_other_form_see_the_same_place() -> None:
    affine = np.diag([-1.5, -1.5, 1.5, 1])
    affine[:3, 3] = 4, 5, 6
    found = opened(nifti(torch.ones(4, 4, 4), affine))
    assert np.allclose(found.get_qform(), affine) and np.allclose(found.get_sform(), affine)
    assert nib.aff2axcodes(opened(nifti(torch.ones(4, 4, 4))).affine) == ("L", "P", "S")


def test_the_same_volume_gives_the_same_bytes_and_comes_back(tmp_path: Path) -> None:
    mask = ball((64, 64, 64), (30, 28, 36), 9).float()
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    affine[:3, 3] = 12, -30, 640
    content = nifti(mask, affine)
    assert content == nifti(mask, affine)
    (tmp_path / "a.nii.gz").write_bytes(content)
    found = read(tmp_path / "a.nii.gz")
    assert torch.equal(found.x_DHW, mask) and np.array_equal(found.affine_44, affine) and not found.said


def test_a_volume_that_was_resampled_lies_over_the_file_it_came_from(tmp_path: Path) -> None:
    values = np.zeros((90, 80, 30), dtype=np.uint8)
    values[30:70, 20:60, 8:20] = 1
    affine = np.array([[0, -0.7, 0, 50], [0.7, 0, 0, -20], [0, 0, 2.5, 100], [0, 0, 0, 1.0]])
    buffer = io.BytesIO(nib.Nifti1Image(values, affine).to_bytes())
    (tmp_path / "a.nii").write_bytes(buffer.getvalue())
    found = read(tmp_path / "a.nii")
    again = opened(nifti(found.x_DHW, found.affine_44))
    world = lambda a, v: nib.affines.apply_affine(a, np.argwhere(v)).mean(0)  # noqa: E731
    assert np.allclose(world(again.affine, np.asarray(again.dataobj)), world(affine, values), atol=0.3)
