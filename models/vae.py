"""The variational autoencoder of small pictures: a convolutional encoder to two numbers, a dense decoder back."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

SIDE = 28
"""Pixels of a picture's side."""
QUIETEST = -12.0
"""The least log-variance that is believed: a spread of 0.0025, far below what the decoder tells apart."""


class VAE(nn.Module):
    """Kingma & Welling 2014 for pictures `(B, 1, 28, 28)` in [0, 1] and a Gaussian code of `latent` numbers.

    `encode` gives mean and log-variance `(B, Z)` each, `decode` the logits `(B, 1, 28, 28)` of every pixel's light. The
    decoder is dense layers of `hidden` units with ReLU between them, so that a page can run it. `width` is the channels
    of the encoder's first convolution. An autoencoder, where `is_variational` is false, has no variance to give: it is
    `QUIETEST` everywhere.
    """

    def __init__(
        self,
        *,
        latent: int = 2,
        width: int = 16,
        hidden: Sequence[int] = (256, 256, 256),
        is_variational: bool = True,
    ) -> None:
        super().__init__()
        self.latent, self.width, self.hidden, self.is_variational = latent, width, list(hidden), is_variational
        self.encoder = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(2 * width * (SIDE // 4) ** 2, 256),
            nn.ReLU(),
        )
        self.head = nn.Linear(256, 2 * latent if is_variational else latent)
        layers = [nn.Linear(n, m) for n, m in pairwise([latent, *hidden, SIDE**2])]
        between = [nn.ReLU() for _ in hidden]
        self.decoder = nn.Sequential(layers[0], *(m for pair in zip(between, layers[1:], strict=True) for m in pair))

    def encode(self, x_B1HW: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the code, `(B, Z)` each."""
        return self.moments(self.encoder(x_B1HW))

    def moments(self, seen_BH: Tensor) -> tuple[Tensor, Tensor]:
        """What the encoder has seen `(B, 256)`, as mean and log-variance of the code, `(B, Z)` each."""
        code_BE = self.head(seen_BH)
        if not self.is_variational:
            return code_BE, torch.full_like(code_BE, QUIETEST)
        mean_BZ, spread_BZ = code_BE.chunk(2, dim=1)
        return mean_BZ, spread_BZ.clamp(min=QUIETEST)

    def decode(self, z_BZ: Tensor) -> Tensor:
        """Logits of every pixel `(B, 1, 28, 28)`."""
        return self.decoder(z_BZ).view(-1, 1, SIDE, SIDE)

    def forward(self, x_B1HW: Tensor) -> Tensor:
        """Logits of the picture at the mean of its code."""
        return self.decode(self.encode(x_B1HW)[0])
