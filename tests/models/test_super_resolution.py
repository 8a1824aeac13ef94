"""Nets for super-resolution: any size, bicubic to begin with, and a radius that can be relied on."""

from functools import partial

import pytest
import torch
from torch import Tensor

from models import _checkpoint
from models.super_resolution import SRCNN, SubPixelNet, in_colour, tiles
from signals.luma import doubled

SMALL = {"srcnn": partial(SRCNN, channels=(8, 6)), "sub-pixel": partial(SubPixelNet, channels=8, pairs=2)}
Net = SRCNN | SubPixelNet


@pytest.fixture(params=SMALL)
def net(request: pytest.FixtureRequest) -> Net:
    """A small one as training begins with it."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SMALL[request.param]().eval()


@pytest.fixture
def stirred(net: Net) -> Net:
    """The same, far from where it began: every path carries something."""
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in net.parameters():
            p += 0.1 * torch.randn(p.shape, generator=draw)
    return net


def picture(height: int, width: int) -> Tensor:
    return torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (7, 5), (16, 24)])
def test_pictures_of_any_size(net: Net, height: int, width: int) -> None:
    with torch.no_grad():
        y_B1HW = net(picture(height, width).expand(2, -1, -1, -1))
    assert y_B1HW.shape == (2, 1, 2 * height, 2 * width) and y_B1HW.isfinite().all()


@pytest.mark.parametrize("model", [SRCNN, SubPixelNet])
def test_training_begins_near_bicubic(model: type[Net]) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = model().eval()
    y_B1hw = 0.2 + 0.6 * picture(20, 20)
    with torch.no_grad():
        difference = (net(y_B1hw) - doubled(y_B1hw))[..., 4:-4, 4:-4]
    assert 0 < difference.square().mean().sqrt() < 0.03


def test_what_lies_beyond_the_radius_changes_nothing(stirred: Net) -> None:
    y_B1hw, r = picture(31, 31), stirred.radius
    other = y_B1hw.clone()
    other[..., 15, 15] = 1 - other[..., 15, 15]
    with torch.no_grad():
        changed_HW = (stirred(other) - stirred(y_B1hw)).abs()[0, 0] > 1e-7
    rows, columns = (changed_HW.any(axis).nonzero().flatten() // 2 for axis in (1, 0))
    for reached in (rows, columns):
        assert reached.min() >= 15 - r and reached.max() <= 15 + r
        assert reached.min() <= 15 - r + 1, "and it is no larger than it has to be"


@pytest.mark.parametrize(("height", "width", "side"), [(40, 33, 16), (17, 17, 16), (9, 30, 64)])
def test_in_tiles_as_in_one_piece(stirred: Net, height: int, width: int, side: int) -> None:
    y_B1hw = picture(height, width)
    pieced = torch.full((1, 1, 2 * height, 2 * width), torch.nan)
    with torch.no_grad():
        whole = stirred(y_B1hw)
        for tile in tiles(height, width, side=side, margin=stirred.radius):
            part = stirred(y_B1hw[..., tile.rows, tile.columns])
            kept = part[..., double(tile.kept_rows), double(tile.kept_columns)]
            place = (double(within(tile.rows, tile.kept_rows)), double(within(tile.columns, tile.kept_columns)))
            assert pieced[..., place[0], place[1]].isnan().all(), "nothing is covered twice"
            pieced[..., place[0], place[1]] = kept
    assert torch.allclose(pieced, whole, atol=1e-5)


def double(part: slice) -> slice:
    return slice(2 * part.start, 2 * part.stop)


def within(whole: slice, part: slice) -> slice:
    return slice(whole.start + part.start, whole.start + part.stop)


def test_every_parameter_receives_a_gradient(net: Net) -> None:
    (net(picture(12, 12)) - 0.5).abs().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in net.parameters())


def test_the_config_builds_it_again(net: Net) -> None:
    again = type(net)(**_checkpoint.config(net))
    again.load_state_dict(net.state_dict())
    with torch.no_grad():
        assert torch.equal(again.eval()(picture(8, 8)), net(picture(8, 8)))


def test_srcnn_is_dongs_9_5_5() -> None:
    assert sum(p.numel() for p in SRCNN().parameters()) == 81 * 64 + 64 + 25 * 64 * 32 + 32 + 25 * 32 + 1


def test_grey_stays_grey_and_colours_stay_theirs() -> None:
    grey = picture(6, 8).expand(-1, 3, -1, -1)
    assert torch.allclose(in_colour(doubled, grey), doubled(grey).clamp(0, 1), atol=1e-5)
    coloured = torch.rand(1, 3, 6, 8)
    assert torch.allclose(in_colour(doubled, coloured), doubled(coloured).clamp(0, 1), atol=1e-5)
    brighter = in_colour(lambda y_B1hw: doubled(y_B1hw) + 9, coloured)
    assert brighter.min() == brighter.max() == 1
