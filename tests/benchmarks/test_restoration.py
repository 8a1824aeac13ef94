"""The benchmark of Restore counts what it says it counts, on closed forms."""

import pytest
import torch
from torch import Tensor

from benchmarks import _enlarging, _translating
from models.super_resolution import SubPixelNet
from signals.image import to_unit
from signals.scan import winsorised


def slices() -> tuple[Tensor, ...]:
    """Sources, and targets that are a cubic of the winsorised source."""
    x_B1HW = torch.randint(0, 255, (4, 1, 24, 24), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    w = winsorised(to_unit(x_B1HW))
    inside = torch.ones_like(x_B1HW, dtype=torch.bool)
    return x_B1HW, 0.1 + 0.5 * w - 0.3 * w**2 + 0.4 * w**3, inside, inside, torch.tensor([0, 0, 1, 1])


def test_a_polynomial_finds_its_own_kind() -> None:
    train = slices()
    found = _translating.polynomial(train, 3)(to_unit(train[0]))
    assert torch.allclose(found, train[1], atol=1e-4)
    line = _translating.polynomial(train, 1)(to_unit(train[0]))
    assert (line - train[1]).square().mean() > (found - train[1]).square().mean()


def test_the_oracle_is_the_best_line_of_each_slice() -> None:
    x_B1HW, truth_B1HW, *rest = slices()
    w = winsorised(to_unit(x_B1HW))
    own = torch.tensor([0.2, 0.4, 0.6, 0.8]).view(-1, 1, 1, 1)
    assert torch.allclose(_translating.oracle((x_B1HW, 0.1 + own * w, *rest)), 0.1 + own * w, atol=1e-5)
    best = (_translating.oracle((x_B1HW, truth_B1HW, *rest)) - truth_B1HW).square().mean((1, 2, 3))
    fitted = (_translating.polynomial((x_B1HW, truth_B1HW), 1)(to_unit(x_B1HW)) - truth_B1HW).square().mean((1, 2, 3))
    assert (best <= fitted + 1e-7).all()


def test_tiles_show_no_seam_where_the_radius_is_true() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = SubPixelNet(channels=6, pairs=2)
        torch.nn.init.normal_(net.head.weight, std=0.05)
    assert _enlarging.seam(net, net.radius) < 1e-5
    assert _enlarging.seam(net, 1) > 1e-4, "a margin that is too small would be seen"


@pytest.mark.slow
def test_memory_is_counted_beyond_the_start() -> None:
    extra, result, seconds = _enlarging.large(400, 300)
    assert result == pytest.approx(3 * 800 * 600 / 2**20) and extra >= 0 and seconds > 0
