"""Perceptrons on colour pictures: shapes and sizes, constants measured, batch norm folded away without a trace."""

from typing import Any

import pytest
import torch
from torch import Tensor

from compression.lowrank import Factorisation
from explanation.projection import layer_outputs
from models import _checkpoint
from models.perceptron import Bottleneck, BottleneckPerceptron, Perceptron

NETS = {
    "plain": lambda: Perceptron(hidden=(12, 6), side=8, dropout=0.1, batch_norm=True),
    "bottleneck": lambda: BottleneckPerceptron(width=16, blocks=2, side=8, dropout=0.1),
}


def pictures(n: int = 20) -> Tensor:
    return 0.3 + 0.4 * torch.rand(n, 3, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=NETS)
def net(request: pytest.FixtureRequest) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: Any = NETS[request.param]()
    model.meet(pictures())
    return model


def test_the_course_works_shapes() -> None:
    small, large = Perceptron(hidden=(100, 20)), Perceptron(hidden=(512, 256))
    assert sum(p.numel() for p in small.parameters()) == 3072 * 100 + 100 + 100 * 20 + 20 + 20 * 10 + 10
    assert [m.out_features for m in large.modules() if isinstance(m, torch.nn.Linear)] == [512, 256, 10]


def test_logits_and_gradients(net: Any) -> None:
    logit_BC = net(pictures())
    assert logit_BC.shape == (20, 10)
    logit_BC.square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_brightness_and_contrast_are_measured_away(net: Any) -> None:
    before = net.eval()(pictures())
    net.meet(0.5 * pictures() + 0.1)
    assert torch.allclose(net(0.5 * pictures() + 0.1), before, atol=1e-4)


def test_folding_changes_nothing() -> None:
    model = NETS["plain"]()
    model.meet(pictures())
    for _ in range(3):
        model(pictures())
    folded = model.eval().folded()
    assert torch.allclose(folded(pictures()), model(pictures()), atol=1e-5)
    assert not any("norm" in name for name in folded.state_dict()) and folded.folded() is folded


def test_a_bottleneck_adds_to_what_it_is_given() -> None:
    block = Bottleneck(8, 3, 0.0)
    assert block.widen.out_features == 24
    torch.nn.init.zeros_(block.narrow.weight)
    torch.nn.init.constant_(block.narrow.bias, 0.5)
    h_BH = torch.rand(4, 8)
    assert torch.allclose(block(h_BH), h_BH + 0.5)


def test_every_layer_can_be_looked_at(net: Any) -> None:
    assert all(len(out) == 20 for out in layer_outputs(net.eval(), pictures(), net.layers()))


def test_it_comes_apart(net: Any) -> None:
    assert Factorisation(net.eval(), pictures()).spectra


def test_the_config_builds_it_again(net: Any) -> None:
    config = _checkpoint.config(net)
    assert _checkpoint.config(type(net)(**config)) == config
