"""Whoever listens inside a shared model hears what they asked it, and nobody else."""

import gc
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from models._hooks import record_activations, with_own_hooks


@pytest.fixture
def net() -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 3)).eval()


def output(layer: nn.Module, x_B: Tensor, y_B: Tensor) -> Tensor:
    return y_B


def test_the_copy_shares_weights_and_nothing_else(net: nn.Sequential) -> None:
    copy = with_own_hooks(net)
    assert with_own_hooks(net) is copy, "once a thread"
    assert all(a is b for a, b in zip(net.parameters(), copy.parameters(), strict=True))
    heard: list[Tensor] = []
    copy.get_submodule("0").register_forward_hook(lambda *_: heard.append(torch.ones(1)))
    net(torch.rand(1, 4))
    assert not heard


def test_a_copy_follows_its_model(net: nn.Sequential) -> None:
    with_own_hooks(net)
    net[0].weight = nn.Parameter(torch.ones(64, 4))
    assert with_own_hooks(net).get_parameter("0.weight") is net[0].weight
    assert with_own_hooks(net.train()).training
    assert not with_own_hooks(net.eval()).training


def test_copies_die_with_their_models() -> None:
    net = nn.Linear(2, 2)
    copy = weakref.ref(with_own_hooks(net))
    del net
    gc.collect()
    assert copy() is None


def test_a_layer_is_recorded_between_its_input_and_its_output(net: nn.Sequential) -> None:
    x_BD = torch.randn(6, 4)
    found = record_activations(net, ["3", "0"], lambda layer, x, y: torch.cat([x, y], 1), x_BD)
    assert list(found) == ["3", "0"]
    assert torch.equal(found["0"], torch.cat([x_BD, net[0](x_BD)], 1))
    assert torch.equal(found["3"][:, -3:], net(x_BD)) and not found["3"].requires_grad
    assert not any(module._forward_hooks for model in (net, with_own_hooks(net)) for module in model.modules())


def test_it_is_recorded_in_evaluation_mode_and_the_model_keeps_its_own(net: nn.Sequential) -> None:
    x_BD = torch.randn(6, 4)
    expected = net(x_BD)
    assert torch.equal(record_activations(net.train(), ["3"], output, x_BD)["3"], expected)
    assert all(module.training for module in net.modules())


def test_two_threads_on_one_model_get_each_their_own(net: nn.Sequential) -> None:
    x_NBD = torch.randn(2, 200, 1, 4)
    ask: Callable[[Tensor], list[Tensor]] = lambda x_BD: [record_activations(net, ["0"], output, x)["0"] for x in x_BD]  # noqa: E731
    expected = [ask(x_BD) for x_BD in x_NBD]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(ask, x_NBD))
    assert all(
        torch.equal(a, b) for one, two in zip(found, expected, strict=True) for a, b in zip(one, two, strict=True)
    )


def test_a_layer_that_is_never_reached_is_named(net: nn.Sequential) -> None:
    net.add_module("idle", nn.Linear(3, 3))
    net.forward = net[:4].forward  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="never reach the layers idle"):
        record_activations(net, ["0", "idle"], output, torch.rand(1, 4))
    with pytest.raises(AttributeError):
        record_activations(net, ["no such layer"], output, torch.rand(1, 4))
