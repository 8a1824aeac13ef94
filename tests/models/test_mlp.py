"""The perceptron has the shape that its card says, and folding batch norm changes nothing."""

import pytest
import torch

from models.mlp import MLP


def test_shape_and_size() -> None:
    model = MLP()
    assert model(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    assert sum(p.numel() for p in model.parameters()) == 785 * 1024 + 4 * 1025 * 1024 + 1025 * 10


@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_parameter_receives_a_gradient(batch_norm: bool) -> None:
    model = MLP(inputs=6, hidden=8, layers=3, classes=4, batch_norm=batch_norm)
    model(torch.rand(16, 6)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_folding_changes_nothing() -> None:
    torch.manual_seed(0)
    model = MLP(inputs=6, hidden=8, layers=3, classes=4, batch_norm=True)
    for _ in range(5):
        model(torch.randn(64, 6))  # gives batch norm something to fold
    folded = model.eval().folded()
    x_BD = torch.randn(32, 6)
    torch.testing.assert_close(folded(x_BD), model(x_BD))
    assert not folded.batch_norm
    assert not any("norm" in name for name in folded.state_dict())
