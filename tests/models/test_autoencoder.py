"""The autoencoder of rows: its scale, its residual, and a score that is Mahalanobis' distance of the residual."""

import pytest
import torch

from models.autoencoder import STEADY, Autoencoder


@pytest.fixture
def rows() -> torch.Tensor:
    torch.manual_seed(0)
    x_BD = 3 * torch.randn(400, 5) + 2
    x_BD[:, -1] = x_BD[:, -1].abs() * 100
    return x_BD


@pytest.fixture
def net(rows: torch.Tensor) -> Autoencoder:
    torch.manual_seed(1)
    model = Autoencoder(features=5, widths=(4, 2)).eval()
    model.learn_scale(rows)
    return model


def test_rows_are_standardised_and_the_amount_logged(net: Autoencoder, rows: torch.Tensor) -> None:
    z_BD = net.standardised(rows)
    assert z_BD.mean(0).abs().max() < 1e-5 and (z_BD.std(0) - 1).abs().max() < 1e-5
    logged_B = rows[:, -1].log1p()
    torch.testing.assert_close(z_BD[:, -1], (logged_B - logged_B.mean()) / logged_B.std())


def test_the_score_is_the_mahalanobis_distance_of_the_residual(net: Autoencoder, rows: torch.Tensor) -> None:
    from sklearn.covariance import EmpiricalCovariance

    with torch.no_grad():
        z_BD = net.standardised(rows)
        net.learn_residual(z_BD, momentum=1.0)
        residual_BD = net.residual(z_BD)
        found_B = net(rows)
    fitted = EmpiricalCovariance().fit(residual_BD.numpy())
    steady = fitted.covariance_ + STEADY * torch.eye(5).numpy()
    away = residual_BD.numpy() - fitted.location_
    expected_B = (away @ torch.linalg.inv(torch.from_numpy(steady)).numpy() * away).sum(1)
    assert found_B.numpy() == pytest.approx(expected_B, rel=1e-3)
    torch.testing.assert_close(net.squared_error(rows), residual_BD.square().sum(1))


def test_the_running_statistics_arrive(net: Autoencoder, rows: torch.Tensor) -> None:
    z_BD = net.standardised(rows)
    for _ in range(600):
        net.learn_residual(z_BD)
    running = net.residual_covariance.clone()
    net.learn_residual(z_BD, momentum=1.0)
    torch.testing.assert_close(running, net.residual_covariance, atol=1e-4, rtol=1e-3)


def test_a_feature_that_never_varies_does_no_harm() -> None:
    net = Autoencoder(features=3, widths=(2,))
    net.learn_scale(torch.tensor([[1.0, 2.0, 3.0], [2.0, 2.0, 4.0]]))
    assert net(torch.tensor([[1.5, 2.0, 3.5]])).isfinite().all()


def test_the_layers_are_encoder_and_decoder_in_one(net: Autoencoder, rows: torch.Tensor) -> None:
    z_BD = net.standardised(rows)
    torch.testing.assert_close(net.layers(z_BD), net.decoder(net.encoder(z_BD)))
