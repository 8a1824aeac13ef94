"""The single-batch test itself: what can learn a batch does, a broken loop does not, and nobody else pays for it."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from demos.translation import overfit
from demos.translation.nets import THERE
from demos.translation.overfit import AS_IT_IS, NO_STEP, SHUFFLED, Batch, four_slices, overfit_one_batch
from training.recipes import mri_dense_unet


class Table(nn.Module):
    """A picture for every place of the batch: it learns any batch by heart."""

    def __init__(self) -> None:
        super().__init__()
        self.picture_B1HW = nn.Parameter(torch.full((4, 1, 64, 64), 0.9))

    def forward(self, x_B1HW: Tensor) -> Tensor:
        return self.picture_B1HW


def batch() -> Batch:
    draw = torch.Generator().manual_seed(0)
    x_B1HW = torch.rand(4, 1, 64, 64, generator=draw)
    return Batch(x_B1HW, x_B1HW.round(), "noise")


def test_what_can_learn_a_batch_does_and_stops_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overfit, "LR", 0.05)
    points = list(overfit_one_batch(Table(), batch(), AS_IT_IS))
    assert len(points) < overfit.STEPS and points[-1].loss < 0.01 * points[0].loss <= points[-2].loss


@pytest.mark.parametrize("way", [NO_STEP, SHUFFLED])
def test_a_broken_loop_fails_the_test(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overfit, "LR", 0.05)
    points = list(overfit_one_batch(Table(), batch(), way))
    assert len(points) == overfit.STEPS and points[-1].loss > overfit.ENOUGH * points[0].loss
    assert (points[-1].loss == points[0].loss) == (way == NO_STEP)


def test_the_time_runs_out() -> None:
    ticks = iter(range(0, 1000, 20))
    points = list(overfit_one_batch(Table(), batch(), NO_STEP, seconds=90, clock=lambda: next(ticks)))
    assert len(points) == 5 and points[-1].seconds == 100


def test_gradients_do_not_leak_from_a_test_that_waits() -> None:
    with torch.no_grad():
        points = overfit_one_batch(Table(), batch(), AS_IT_IS)
        next(points)
        assert not torch.is_grad_enabled()
        assert next(points).step == 2


@pytest.mark.parametrize("root", ["small_root", "no_data"])
def test_four_training_slices_from_what_is_at_hand(root: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(root)
    found = four_slices(THERE)
    assert found.source_B1HW.shape == found.target_B1HW.shape and len(found.source_B1HW) == overfit.PICTURES
    assert 0 <= found.source_B1HW.min() <= found.source_B1HW.max() <= 1


@pytest.mark.slow
def test_the_dense_u_net_learns_four_slices_by_heart(no_data: Path) -> None:
    batch = four_slices(THERE)
    assert batch.source_B1HW.shape == (4, 1, 64, 64)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = mri_dense_unet.recipe.model()
    points = list(overfit_one_batch(model, batch, AS_IT_IS, seconds=1e9))
    assert points[-1].loss < 0.01 * points[0].loss
