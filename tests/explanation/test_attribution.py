"""Attributions on functions whose answers are known."""

import torch
from torch import Tensor

from explanation.attribution import integrated_gradients, occlusion, smooth_gradient


def square(x_BX: Tensor) -> Tensor:
    return torch.stack([x_BX.flatten(1).square().sum(1), x_BX.flatten(1).sum(1)], 1)


def test_integrated_gradients_add_up_to_the_change() -> None:
    x = torch.randn(3, 1, 8)
    found = integrated_gradients(square, x, 0)
    assert torch.allclose(found.flatten(1).sum(1), square(x)[:, 0], rtol=1e-3)
    assert torch.allclose(found, x.square(), atol=1e-3)
    assert torch.allclose(integrated_gradients(square, x, 1), x, atol=1e-4), "another class, another score"
    each = integrated_gradients(square, x, torch.tensor([0, 1, 0]))
    assert torch.allclose(each, torch.stack([x[0].square(), x[1], x[2].square()]), atol=1e-3)


def test_the_smoothed_gradient_of_a_line_is_its_slope_and_draws_from_nobody() -> None:
    x = torch.randn(2, 1, 8)
    state = torch.get_rng_state()
    assert torch.allclose(smooth_gradient(square, x, 1), torch.ones_like(x))
    assert torch.equal(torch.get_rng_state(), state)


def test_occlusion_is_the_fall_of_the_score() -> None:
    x = torch.arange(8.0).reshape(1, 1, 8)
    assert torch.allclose(occlusion(square, x, 1, window=1, stride=1), x)
