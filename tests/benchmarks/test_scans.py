"""The benchmark of Scan translation's warning asks what the tab asks, of pictures as an upload would be read."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from benchmarks import scans
from demos.translation import nets
from demos.translation.nets import THERE
from models import CheckpointMissing, _checkpoint


def test_strangers_are_read_as_uploads_are() -> None:
    assert max(scans.read(Image.new("RGB", (900, 300))).shape) == nets.LONGEST
    assert scans.read(Image.new("L", (28, 28)), large=True).shape == (nets.LONGEST, nets.LONGEST)
    assert {tuple(x_HW.shape) for x_HW in scans.flat()} == {(n, n) for n in (1, 2, 16, 128)}


def test_the_warning_is_the_tabs(checkpoints: Path) -> None:
    with pytest.raises(RuntimeError, match="training evidence mri_dense_unet"):
        scans.is_stranger(THERE, torch.zeros(8, 8, dtype=torch.uint8))


def test_every_kind_is_counted() -> None:
    try:
        _checkpoint.card("mri_dense_unet_taught")
    except CheckpointMissing as error:
        pytest.skip(str(error))
    kinds = {"scans": [nets.example(key).source["pre_contrast"] for key in nets.EXAMPLES], "flat": list(scans.flat())}
    assert not any(scans.is_stranger(THERE, x_HW) for x_HW in kinds["scans"])
    assert all(scans.is_stranger(THERE, x_HW) for x_HW in kinds["flat"])
    assert scans.mean([True, False, False, True]) == 0.5
