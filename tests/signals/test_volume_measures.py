"""Measures of shape on solids whose measures are known."""

import math

import pytest
import torch
from torch import Tensor

from signals.volume import ball
from signals.volume_measures import MEASURES, shape_measures


def measured(mask_DHW: Tensor) -> dict[str, float]:
    return dict(zip(MEASURES, shape_measures(mask_DHW[None, None].float())[0].tolist(), strict=True))


def test_a_ball() -> None:
    r = 12
    found = measured(ball((40, 40, 40), (20, 19, 18), r))
    assert found["volume"] == pytest.approx(4 / 3 * math.pi * r**3, rel=0.02)
    assert found["surface area"] == pytest.approx(4 * math.pi * r**2, rel=0.03)
    assert found["sphericity"] == pytest.approx(1, abs=0.03)
    assert found["longest axis"] == pytest.approx(found["shortest axis"], rel=0.01)
    assert found["longest axis"] == pytest.approx(2 * r * 2 / math.sqrt(5), rel=0.02)
    assert found["thickest place"] == pytest.approx(r, abs=1) and found["mean depth"] == pytest.approx(r / 4, abs=0.5)
    assert found["skewness along the longest axis"] == pytest.approx(0, abs=0.01)


def test_a_plate() -> None:
    mask_DHW = torch.zeros(20, 40, 30)
    mask_DHW[5:8, 4:36, 10:26] = 1  # 3 × 32 × 16
    found = measured(mask_DHW)
    assert found["volume"] == 3 * 32 * 16 and found["filled share of its box"] == 1
    assert found["diagonal of its box"] == pytest.approx(math.sqrt(3**2 + 32**2 + 16**2))
    for name, side in (("longest axis", 32), ("middle axis", 16), ("shortest axis", 3)):
        assert found[name] == pytest.approx(4 * side / math.sqrt(12), rel=1e-4)
    assert found["flatness"] == pytest.approx(3 / 32, rel=1e-4) and found["thickest place"] == 2


def test_a_gland_is_measured_alike_however_it_lies() -> None:
    draw = torch.Generator().manual_seed(0)
    mask_DHW = torch.zeros(24, 24, 24)
    for _ in range(5):
        mask_DHW[ball((24, 24, 24), (6 + 12 * torch.rand(3, generator=draw)).tolist(), 4)] = 1
    turned = mask_DHW.rot90(1, (0, 2)).flip(1).roll(2, 0)
    assert measured(mask_DHW) == pytest.approx(measured(turned), rel=1e-4, abs=1e-4)


def test_nothing_has_no_shape() -> None:
    with pytest.raises(ValueError, match="empty volume has no shape"):
        shape_measures(torch.zeros(1, 1, 4, 4, 4))
