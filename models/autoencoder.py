"""The autoencoder of table rows: dense layers to a narrow code and back, and how odd what it cannot say of a row is."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

STEADY = 1e-3
"""Added to the variance of every feature's residual, in squared deviations: no direction is divided by nothing."""
MOMENTUM = 0.02
"""The share of a batch in the running residual statistics (as batch norm keeps its own)."""


class Autoencoder(nn.Module):
    """`features → widths → … → features` with ReLU between, for rows `(B, D)` in their own units; gives scores `(B,)`.

    The last feature is an amount of money, of which the logarithm is taken; then every feature is standardised by the
    `mean` and `deviation` of normal rows (see `learn_scale`). The score of a row is the squared length of its residual
    in units of the spread that normal rows' residuals have, in every direction (Mahalanobis 1936): where a residual is
    small among normal rows, a little of it is odd. The decoder has the encoder's widths turned round.
    """

    mean: Tensor
    deviation: Tensor
    residual_mean: Tensor
    residual_covariance: Tensor

    def __init__(self, *, features: int = 29, widths: Sequence[int] = (14,)) -> None:
        super().__init__()
        self.features, self.widths = features, list(widths)
        self.encoder = _dense([features, *widths])
        self.decoder = _dense([*reversed(self.widths), features])
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))
        self.register_buffer("residual_mean", torch.zeros(features))
        self.register_buffer("residual_covariance", torch.eye(features))

    @property
    def layers(self) -> nn.Sequential:
        """Encoder and decoder as one list: what a page runs."""
        return nn.Sequential(*self.encoder, *self.decoder)

    @torch.no_grad()
    def learn_scale(self, x_BD: Tensor) -> None:
        """Take mean and deviation from normal rows."""
        logged_BD = _logged(x_BD)
        self.mean.copy_(logged_BD.mean(0))
        self.deviation.copy_(logged_BD.std(0).clamp(min=1e-6))

    @torch.no_grad()
    def learn_residual(self, z_BD: Tensor, *, momentum: float = MOMENTUM) -> None:
        """Move the residual's mean and covariance towards those of standardised normal rows; all the way with 1."""
        residual_BD = self.residual(z_BD)
        self.residual_mean.lerp_(residual_BD.mean(0), momentum)
        self.residual_covariance.lerp_(torch.cov(residual_BD.T, correction=0), momentum)

    def standardised(self, x_BD: Tensor) -> Tensor:
        """Rows in deviations of normal rows, `(B, D)`."""
        return (_logged(x_BD) - self.mean) / self.deviation

    def residual(self, z_BD: Tensor) -> Tensor:
        """What of standardised rows `(B, D)` is not given back, `(B, D)`."""
        return z_BD - self.decoder(self.encoder(z_BD))

    def precision(self) -> Tensor:
        """The inverse of the residual's covariance `(D, D)`, symmetric."""
        steady = self.residual_covariance + STEADY * torch.eye(self.features, device=self.mean.device)
        return torch.cholesky_inverse(torch.linalg.cholesky(steady))

    def squared_error(self, x_BD: Tensor) -> Tensor:
        """The plain score: the residual's squared length, `(B,)`."""
        return self.residual(self.standardised(x_BD)).square().sum(1)

    def forward(self, x_BD: Tensor) -> Tensor:
        away_BD = self.residual(self.standardised(x_BD)) - self.residual_mean
        return ((away_BD @ self.precision()) * away_BD).sum(1)


def _logged(x_BD: Tensor) -> Tensor:
    """Rows with `log(1 + amount)` in the last place."""
    return torch.cat([x_BD[:, :-1], x_BD[:, -1:].clamp(min=0).log1p()], dim=1)


def _dense(widths: list[int]) -> nn.Sequential:
    """Linear layers with ReLU behind each but the last."""
    layers: list[nn.Module] = []
    for n, m in pairwise(widths):
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
