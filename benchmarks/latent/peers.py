"""What stands beside the nets: the average picture, PCA-2 as a linear VAE, and a VAE that thinks a picture over."""

import math

import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from benchmarks.digits import rows_of
from benchmarks.latent.measures import any_net, at_code
from models.vae import SIDE, VAE
from signals.image import to_unit
from training.tasks import latent

CLIPS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
WIDTHS = (0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
STEPS, RATE = 80, 0.05
"""Of the refinement, chosen on 500 validation pictures: twice the steps gain nothing more."""


def average_cost(train_B1HW: Tensor, x_B1HW: Tensor) -> Tensor:
    """What 8-bit pictures cost `(B,)` when each is told as the pixel means of training.

    Half a white and half a black picture are counted among those (Krichevsky & Trofimov 1981): no mean is 0 or 1.
    """
    light_1HW = (to_unit(train_B1HW).sum(0, dtype=torch.float64) + 0.5) / (len(train_B1HW) + 1)
    x = to_unit(x_B1HW).double()
    return -(x * light_1HW.log() + (1 - x) * (1 - light_1HW).log()).sum((1, 2, 3))


class PrincipalPlane(nn.Module):
    """PCA as a VAE by hand, with the two methods by which the bound asks a `VAE`: linear both ways.

    Codes are scores divided by their deviation in training, so that the prior is the standard normal; around each lies
    a Gaussian of `width`. Reconstructions are clipped into [`clip`, 1 − `clip`] and given as logits.
    """

    is_variational = True
    mean_X: Tensor
    axes_ZX: Tensor
    deviation_Z: Tensor

    def __init__(self, train_B1HW: Tensor, *, latent: int = 2, clip: float = 0.01, width: float = 0.1) -> None:
        super().__init__()
        pca = PCA(latent, random_state=0).fit(rows_of(train_B1HW))
        self.clip, self.width = clip, width
        self.register_buffer("mean_X", torch.as_tensor(pca.mean_).float())
        self.register_buffer("axes_ZX", torch.as_tensor(pca.components_).float())
        self.register_buffer("deviation_Z", torch.as_tensor(pca.explained_variance_).sqrt().float())

    def encode(self, x_B1HW: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the code, `(B, Z)` each."""
        mean_BZ = (x_B1HW.flatten(1) - self.mean_X) @ self.axes_ZX.T / self.deviation_Z
        return mean_BZ, torch.full_like(mean_BZ, 2 * math.log(self.width))

    def decode(self, z_BZ: Tensor) -> Tensor:
        """Logits of every pixel `(B, 1, 28, 28)`."""
        light_BX = (z_BZ * self.deviation_Z) @ self.axes_ZX + self.mean_X
        return light_BX.logit(eps=self.clip).view(-1, 1, SIDE, SIDE)


def chosen_plane(train_B1HW: Tensor, valid_B1HW: Tensor) -> PrincipalPlane:
    """The clip that costs validation least at the codes themselves, then the width with the best bound there."""
    plane, cost = PrincipalPlane(train_B1HW), dict[float, float]()
    for plane.clip in CLIPS:
        cost[plane.clip] = at_code(plane, valid_B1HW).mean().item()
    plane.clip, cost = min(cost, key=cost.__getitem__), {}
    for plane.width in WIDTHS:
        found = latent.bound(any_net(plane), valid_B1HW, draws=2)
        cost[plane.width] = (found.reconstruction_B + found.kl_B).mean().item()
    plane.width = min(cost, key=cost.__getitem__)
    return plane


class Refined(nn.Module):
    """A VAE whose encoder's answers for some pictures are made better, each by gradient on its own bound.

    Mean and log-variance of each go `STEPS` steps of Adam (semi-amortized inference, Kim et al. 2018); the label is not
    asked. What the bound gains is what the encoder lost by answering at once (the amortization gap, Cremer et al.
    2018). Pictures that were not refined are encoded as ever.
    """

    is_variational = True

    def __init__(self, model: VAE, x_B1HW: Tensor) -> None:
        super().__init__()
        self.model, self.known = model, dict[bytes, tuple[Tensor, Tensor]]()
        generator = torch.Generator().manual_seed(0)
        for some in x_B1HW.split(1000):
            found = refined(model, to_unit(some), generator)
            self.known |= dict(zip(map(_key, to_unit(some)), zip(*found, strict=True), strict=True))

    def encode(self, x_B1HW: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the code, `(B, Z)` each."""
        answers = zip(map(_key, x_B1HW), zip(*self.model.encode(x_B1HW), strict=True), strict=True)
        mean, log_variance = zip(*(self.known.get(key, at_once) for key, at_once in answers), strict=True)
        return torch.stack(mean), torch.stack(log_variance)

    def decode(self, z_BZ: Tensor) -> Tensor:
        """Logits of every pixel `(B, 1, 28, 28)`."""
        return self.model.decode(z_BZ)


@torch.enable_grad()
def refined(model: VAE, x_B1HW: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mean and log-variance `(B, Z)` of pictures in [0, 1], after the encoder's were led down the bound."""
    mean_BZ, log_variance_BZ = code = tuple(part_BZ.detach().clone() for part_BZ in model.encode(x_B1HW))
    for part_BZ in code:
        part_BZ.requires_grad_()
    optimizer = torch.optim.Adam(code, lr=RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=STEPS)
    for _ in range(STEPS):
        z_BZ = latent.drawn(mean_BZ, log_variance_BZ, generator)
        cost_B = latent.reconstruction_nats(model, x_B1HW, z_BZ) + latent.kl_nats(mean_BZ, log_variance_BZ)
        for part_BZ, slope_BZ in zip(code, torch.autograd.grad(cost_B.sum(), code), strict=True):
            part_BZ.grad = slope_BZ  # of the codes alone: the net learns nothing
        optimizer.step()
        schedule.step()
    return mean_BZ.detach(), log_variance_BZ.detach()


def _key(x_1HW: Tensor) -> bytes:
    return (255 * x_1HW).round().byte().numpy().tobytes()
