"""The nets that read volumes: any size goes in, what each sees, and batch norm folded away without a trace."""

from typing import Any

import pytest
import torch
from torch import nn

from explanation.gradcam import gradcam
from explanation.novelty import KnnNovelty
from models import _checkpoint
from models.volume import SliceNet, VolumeNet, pooled

SMALL: list[Any] = [
    lambda **more: VolumeNet(channels=(4, 6), edge=16, **more),
    lambda **more: SliceNet(views="middle", channels=(4, 6), edge=16, **more),
    lambda **more: SliceNet(views="projections", channels=(4, 6), edge=16, **more),
]
NETS = pytest.mark.parametrize("net", SMALL, ids=["volume", "middle", "projections"])


@NETS
@pytest.mark.parametrize("shape", [(16, 16, 16), (32, 32, 32), (28, 28, 28), (9, 20, 33)])
def test_volumes_of_any_size(net: Any, shape: tuple[int, ...]) -> None:
    assert net(classes=3).eval()(torch.rand(2, 1, *shape)).shape == (2, 3)


@NETS
def test_a_volume_is_asked_as_it_trains(net: Any) -> None:
    """One of 32³ and the same pooled beforehand get one answer."""
    x_B1DHW, model = torch.rand(2, 1, 32, 32, 32), net().eval()
    assert torch.allclose(model(x_B1DHW), model(pooled(x_B1DHW, 16)), atol=1e-6)


def test_pooling_takes_means() -> None:
    x_B1DHW = torch.rand(2, 1, 32, 32, 32)
    assert pooled(x_B1DHW, 16)[0, 0, 3, 4, 5].item() == pytest.approx(x_B1DHW[0, 0, 6:8, 8:10, 10:12].mean().item())
    assert pooled(x_B1DHW, 32) is x_B1DHW
    assert pooled(torch.ones(1, 1, 9, 20, 33), 16).unique().tolist() == [1]


def test_what_the_flat_nets_see() -> None:
    x_B1DHW = torch.zeros(1, 1, 16, 16, 16)
    x_B1DHW[0, 0, 2, 5, 9] = 1
    assert SliceNet(views="middle", edge=16).pictures(x_B1DHW).sum() == 0, "it lies elsewhere"
    shadows_VHW = SliceNet(views="projections", edge=16).pictures(x_B1DHW)[0]
    assert [tuple(one.nonzero()[0].tolist()) for one in shadows_VHW] == [(5, 9), (2, 9), (2, 5)]
    with pytest.raises(ValueError, match="not as “above”"):
        SliceNet(views="above")  # type: ignore[arg-type]


@NETS
def test_folding_changes_nothing(net: Any) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = net(batch_norm=True)
        for _ in range(3):
            model(torch.rand(8, 1, 16, 16, 16))  # running means that are not those of the start
        x_B1DHW = torch.rand(4, 1, 16, 16, 16)
    folded = model.eval().folded()
    assert torch.allclose(folded(x_B1DHW), model(x_B1DHW), atol=1e-5)
    assert not any(isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d) for module in folded.modules())
    assert folded.folded() is folded


@NETS
def test_every_parameter_receives_a_gradient(net: Any) -> None:
    model = net(batch_norm=True)
    model(torch.rand(8, 1, 16, 16, 16)).square().sum().backward()
    assert all(p.grad is not None for p in model.parameters())


@NETS
def test_the_config_builds_it_again(net: Any) -> None:
    model = net(dropout=0.1)
    config = _checkpoint.config(model)
    assert _checkpoint.config(type(model)(**config)) == config


def test_the_default_is_small() -> None:
    assert 50_000 < sum(p.numel() for p in VolumeNet(batch_norm=True).parameters()) < 1_000_000


def test_a_volume_can_be_explained_and_compared() -> None:
    """Grad-CAM and novelty listen where `layers` says."""
    model = SMALL[0]().eval()
    heat_BDHW = gradcam(model, model.layers()[-1], torch.rand(2, 1, 32, 32, 32), 1)
    assert heat_BDHW.shape == (2, 32, 32, 32) and heat_BDHW.min() >= 0
    x_B = torch.randint(0, 256, (12, 1, 16, 16, 16), dtype=torch.uint8)
    familiar = KnnNovelty.leaving_out(model, model.layers(), x_B, torch.arange(12))
    assert familiar.distances(model, x_B[:2]).shape == (2,)
