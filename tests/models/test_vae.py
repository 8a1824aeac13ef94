"""The variational autoencoder: its shapes, what it believes of its own spread, and that a page can run its decoder."""

import pytest
import torch
from torch import nn

from demos._ui.forward import dense_layers
from models.vae import QUIETEST, VAE


def net(**options: object) -> VAE:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VAE(**options).eval()  # type: ignore[arg-type]


@pytest.mark.parametrize("latent", [1, 2, 5])
def test_a_code_and_back(latent: int) -> None:
    model, x_B1HW = net(latent=latent, hidden=(16,)), torch.rand(3, 1, 28, 28)
    mean_BZ, log_variance_BZ = model.encode(x_B1HW)
    assert mean_BZ.shape == log_variance_BZ.shape == (3, latent)
    assert model.decode(mean_BZ).shape == model(x_B1HW).shape == (3, 1, 28, 28)
    assert torch.equal(model(x_B1HW), model.decode(mean_BZ)), "the picture comes back from the mean of its code"


def test_no_spread_is_believed_below_the_quietest() -> None:
    model = net()
    model.head.bias.data[2:] = -100.0
    _, log_variance_BZ = model.encode(torch.rand(2, 1, 28, 28))
    assert (log_variance_BZ == QUIETEST).all()


def test_an_autoencoder_has_no_spread_to_learn() -> None:
    model = net(is_variational=False)
    mean_BZ, log_variance_BZ = model.encode(torch.rand(2, 1, 28, 28))
    assert mean_BZ.shape == (2, 2) and (log_variance_BZ == QUIETEST).all() and not log_variance_BZ.requires_grad
    assert model.head.out_features == 2


def test_the_decoder_is_dense_layers_that_a_page_can_run() -> None:
    layers = dense_layers(nn.Sequential(*net(hidden=(8, 12)).decoder, nn.Sigmoid()))
    assert [tuple(layer.weight_OI.shape) for layer in layers] == [(8, 2), (12, 8), (784, 12)]
    assert [layer.activation for layer in layers] == ["relu", "relu", "sigmoid"]
