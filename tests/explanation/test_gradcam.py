"""Grad-CAM by its definition, for one, two and three dimensions, and without hearing other threads."""

import threading

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explanation.gradcam import convolutions, gradcam

CONVOLUTION = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}


def small(places: int) -> nn.Sequential:
    torch.manual_seed(0)
    kind = CONVOLUTION[places]
    pool = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}[places](1)
    return nn.Sequential(
        kind(2, 5, 3, padding=1), nn.ReLU(), kind(5, 6, 3, stride=2), nn.Tanh(), pool, nn.Flatten(), nn.Linear(6, 4)
    ).eval()


@pytest.mark.parametrize("places", [1, 2, 3])
def test_it_is_what_the_paper_says(places: int) -> None:
    net = small(places)
    x = torch.randn(3, 2, *places * (9,))
    act = net[:3](x).detach().requires_grad_()
    net[3:](act)[:, 2].sum().backward()
    assert act.grad is not None
    weight = act.grad.flatten(2).mean(-1).reshape(3, 6, *places * (1,))
    expected = F.relu((weight * act).sum(1, keepdim=True)).detach()
    mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[places]
    expected = F.interpolate(expected, x.shape[2:], mode=mode, align_corners=False)[:, 0]
    assert torch.allclose(gradcam(net, "2", x, 2), expected, atol=1e-6)


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"no layer “7\.conv”"):
        gradcam(small(2), "7.conv", torch.rand(1, 2, 9, 9), 0)
    with pytest.raises(ValueError, match="keeps no places"):
        gradcam(small(2), "6", torch.rand(1, 2, 9, 9), 0)


def test_convolutions_come_early_to_late() -> None:
    assert convolutions(small(1)) == ["0", "2"]


def test_nobody_else_s_net_has_a_hook_while_a_map_is_made() -> None:
    net, x = small(2), torch.randn(1, 2, 9, 9)
    hooks = [module._forward_hooks for module in net.modules()]
    seen: list[int] = []
    forward = net[6].forward
    net[6].forward = lambda h: (seen.append(sum(map(len, hooks))), forward(h))[1]  # type: ignore[method-assign]
    gradcam(net, "2", x, 1)
    assert seen and not any(seen)


def test_two_threads_do_not_hear_each_other() -> None:
    net, inputs = small(2), torch.randn(16, 1, 2, 9, 9)
    alone = [gradcam(net, "2", x, 1) for x in inputs]
    found: dict[int, Tensor] = {}

    def one(i: int) -> None:
        for _ in range(5):
            found[i] = gradcam(net, "2", inputs[i], 1)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(16)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert all(torch.equal(found[i], alone[i]) for i in range(16))


def test_a_map_follows_its_model() -> None:
    net, x = small(2), torch.randn(1, 2, 9, 9)
    gradcam(net, "2", x, 1)
    net[2].weight = nn.Parameter(torch.randn_like(net[2].weight))  # type: ignore[arg-type]
    assert torch.equal(gradcam(net, "2", x, 1), gradcam(small_copy(net), "2", x, 1))


def small_copy(net: nn.Sequential) -> nn.Sequential:
    other = small(2)
    other.load_state_dict(net.state_dict())
    return other


def test_a_frozen_layer_is_asked_all_the_same() -> None:
    net, x = small(2), torch.randn(2, 2, 9, 9)
    expected = gradcam(net, "0", x, 1)
    net.requires_grad_(False)
    assert torch.equal(gradcam(net, "0", x, 1), expected)
    assert not x.requires_grad
