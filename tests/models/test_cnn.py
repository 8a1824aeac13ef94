"""The convolutional net: shapes, sizes, and batch norm folded away without a trace."""

import pytest
import torch

from models import _checkpoint
from models.cnn import CNN


@pytest.mark.parametrize("size", [28, 12, 7])
def test_pictures_of_any_size(size: int) -> None:
    assert CNN(inputs=3, classes=4).eval()(torch.rand(2, 3, size, size + 3)).shape == (2, 4)


def test_folding_changes_nothing() -> None:
    torch.manual_seed(0)
    model = CNN(channels=(6, 8), batch_norm=True)
    for _ in range(3):
        model(torch.rand(8, 1, 28, 28))  # running means that are not those of the start
    x_BCHW = torch.rand(4, 1, 28, 28)
    folded = model.eval().folded()
    assert torch.allclose(folded(x_BCHW), model(x_BCHW), atol=1e-5)
    assert not any("norm" in name for name, _ in folded.named_parameters())
    assert folded.folded() is folded


def test_the_default_is_small() -> None:
    assert 50_000 < sum(p.numel() for p in CNN().parameters()) < 200_000


def test_every_parameter_receives_a_gradient() -> None:
    model = CNN(channels=(6, 8), batch_norm=True)
    model(torch.rand(8, 1, 28, 28)).square().sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_the_config_builds_it_again() -> None:
    config = _checkpoint.config(CNN(channels=(6, 8)))
    assert _checkpoint.config(CNN(**config)) == config
