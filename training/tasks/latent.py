"""What every recipe that squeezes pictures into a plane shares: the bound that is trained, its two parts, the evidence.

The arrays are `(x_B1HW uint8, label_B)`. Nats are summed over a picture's 784 pixels, each a grey level taken as the
mean of a Bernoulli variable: a cost by which nets compare, not a density of pictures (Loaiza-Ganem & Cunningham 2019).
"""

import math
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from explanation.projection import pca
from metrics.intervals import Interval, of_mean
from models.vae import VAE
from signals.image import to_unit
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits
from training._steps import fast, update

DRAWS = 8
"""Codes drawn for each picture where a bound is measured."""
SHOWN = 2_000
"""Test pictures whose codes a tab shows."""
PICTURES = 60
"""Test pictures that are kept whole: six of each class."""
LEARNT = 10_000
"""Training pictures whose codes say where something was learnt, and whose plane of PCA stands beside the net's."""
FAMILIAR_SHARE = 0.99
"""Of validation pictures, how many count as clothes by each measure of `Unlike`."""
LIT = 0.15
"""Of full light, from where on a pixel is no ground."""
CLASSES = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


def nats_a_picture(value: float) -> str:
    """A bound in words."""
    return f"{value:.0f} nats to tell a picture"


NEG_ELBO = Metric(
    key="neg_elbo_nats", title="negative evidence bound", unit="nats", format=".2f", lower_is_better=True,
    words=nats_a_picture, chance="the average picture: {}", floor="the average picture, whatever is asked",
)  # fmt: skip
OBJECTIVE = Metric(
    key="objective_nats", title="reconstruction + β KL", unit="nats", format=".2f", lower_is_better=True,
    words=nats_a_picture, chance="counting its own β",
)  # fmt: skip


class Bound(NamedTuple):
    """The two parts of the bound for every picture, `(B,)` each, in nats: −ELBO = reconstruction + KL."""

    reconstruction_B: Tensor
    kl_B: Tensor


def step(
    model: VAE, batch: Arrays, optimizers: Optimizers, generator: torch.Generator, *, beta: float = 1.0
) -> dict[str, Tensor]:
    """One update on the `reconstruction` plus `beta` times the `kl` (Higgins et al. 2017), means in nats."""
    x_B1HW = to_unit(batch[0])
    with torch.enable_grad():
        mean_BZ, log_variance_BZ = model.moments(fast(model.encoder, x_B1HW))
        reconstruction = reconstruction_nats(model, x_B1HW, drawn(mean_BZ, log_variance_BZ, generator)).mean()
        kl = kl_nats(mean_BZ, log_variance_BZ).mean() if model.is_variational else torch.zeros(())
        update(optimizers["model"], reconstruction + beta * kl)
    return {"reconstruction": reconstruction, "kl": kl}


def kl_step(model: VAE, batch: Arrays, optimizers: Optimizers, generator: torch.Generator) -> dict[str, Tensor]:
    """One update on the KL term alone, as where a reconstruction loss was written and never compiled: a lesson."""
    with torch.enable_grad():
        kl = kl_nats(*model.moments(fast(model.encoder, to_unit(batch[0])))).mean()
        update(optimizers["model"], kl)
    return {"kl": kl}


def drawn(mean_BZ: Tensor, log_variance_BZ: Tensor, generator: torch.Generator) -> Tensor:
    """Codes `z = μ + σ ε`, ε from `generator` (the reparametrisation, Kingma & Welling 2014, §2.4)."""
    noise_BZ = torch.empty_like(mean_BZ).normal_(generator=generator)
    return mean_BZ + (0.5 * log_variance_BZ).exp() * noise_BZ


def reconstruction_nats(model: VAE, x_B1HW: Tensor, z_BZ: Tensor) -> Tensor:
    """`−log p(x | z)` of every picture, `(B,)`."""
    return F.binary_cross_entropy_with_logits(model.decode(z_BZ), x_B1HW, reduction="none").sum((1, 2, 3))


def kl_nats(mean_BZ: Tensor, log_variance_BZ: Tensor) -> Tensor:
    """`KL(q(z | x) ‖ N(0, 1))` of every picture, `(B,)` (Kingma & Welling 2014, appendix B)."""
    return 0.5 * (mean_BZ.square() + log_variance_BZ.exp() - 1 - log_variance_BZ).sum(1)


@torch.no_grad()
def bound(model: VAE, x_B1HW: Tensor, *, draws: int = DRAWS) -> Bound:
    """The bound of 8-bit pictures, over `draws` codes each: the same ones for the same pictures."""
    generator, parts = torch.Generator(x_B1HW.device).manual_seed(0), []
    for some in x_B1HW.split(1000):
        x = to_unit(some)
        mean_BZ, log_variance_BZ = model.encode(x)
        cost = [reconstruction_nats(model, x, drawn(mean_BZ, log_variance_BZ, generator)) for _ in range(draws)]
        parts.append(Bound(torch.stack(cost).mean(0), kl_nats(mean_BZ, log_variance_BZ)))
    return Bound(*(torch.cat(part) for part in zip(*parts, strict=True)))


@torch.no_grad()
def importance_weighted(model: VAE, x_B1HW: Tensor, *, samples: int = 500) -> Tensor:
    """`−log (1/K Σ p(x, z_k) / q(z_k | x))` of 8-bit pictures with K codes each, `(B,)` (Burda et al. 2016, eq. 8)."""
    generator, found = torch.Generator(x_B1HW.device).manual_seed(0), []
    for some in x_B1HW.split(20):
        x = to_unit(some)
        mean_KZ, log_variance_KZ = (t.repeat_interleave(samples, 0) for t in model.encode(x))
        z_KZ = drawn(mean_KZ, log_variance_KZ, generator)
        logits_BKX = model.decode(z_KZ).view(len(x), samples, -1)
        # log p(x|z) = Σ x·l − softplus(l) for logits l
        likelihood_BK = (logits_BKX @ x.flatten(1)[:, :, None])[..., 0] - F.softplus(logits_BKX).sum(2)
        # log p(z) − log q(z|x): the constants of the two Gaussians cancel
        standard_KZ = (z_KZ - mean_KZ).square() / log_variance_KZ.exp()
        ratio_K = 0.5 * (standard_KZ + log_variance_KZ - z_KZ.square()).sum(1)
        weight_BK = likelihood_BK + ratio_K.view(len(x), samples)
        found.append(math.log(samples) - weight_BK.logsumexp(1))
    return torch.cat(found)


@torch.no_grad()
def codes(model: VAE, x_B1HW: Tensor) -> tuple[Tensor, Tensor]:
    """Means and deviations `(B, Z)` of the codes of 8-bit pictures."""
    parts = [model.encode(to_unit(some)) for some in x_B1HW.split(1000)]
    mean_BZ, log_variance_BZ = (torch.cat(part) for part in zip(*parts, strict=True))
    return mean_BZ, (0.5 * log_variance_BZ).exp()


class Unlike(NamedTuple):
    """How unlike clothes pictures are to a net, by three measures, `(B,)` each.

    At the mean of their codes, `excess_B`: the nats above the least that pictures of these greys cost; `residual_B`:
    the share of the light's energy that is not given back, which is large for thin strokes. And `border_B`: the share
    of the border that is lit, since clothes lie on a plain ground. The cost itself is no such measure: what is black
    for the most part is cheap to tell, whatever it shows (Nalisnick et al. 2019).
    """

    excess_B: Tensor
    residual_B: Tensor
    border_B: Tensor


@torch.no_grad()
def unlike(model: VAE, x_B1HW: Tensor) -> Unlike:
    """How unlike clothes 8-bit pictures are."""
    parts = []
    for some in x_B1HW.split(1000):
        x = to_unit(some)
        logits = model(x)
        least_B = F.binary_cross_entropy(x, x, reduction="none").sum((1, 2, 3))
        told_B = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum((1, 2, 3))
        lost_B = (logits.sigmoid() - x).square().sum((1, 2, 3)) / x.square().sum((1, 2, 3)).clamp(min=1e-3)
        border_BN = torch.cat([x[:, 0, 0], x[:, 0, -1], x[:, 0, 1:-1, 0], x[:, 0, 1:-1, -1]], 1)
        parts.append(Unlike(told_B - least_B, lost_B, (border_BN > LIT).float().mean(1)))
    return Unlike(*(torch.cat(part) for part in zip(*parts, strict=True)))


def evaluate(model: VAE, split: Arrays, *, beta: float = 1.0) -> Metrics:
    """−ELBO, its two parts, and what was trained, in nats a picture."""
    cost = bound(model, split[0])
    reconstruction, kl = cost.reconstruction_B.mean().item(), cost.kl_B.mean().item()
    return {
        "neg_elbo_nats": reconstruction + kl,
        "reconstruction_nats": reconstruction,
        "kl_nats": kl,
        "objective_nats": reconstruction + beta * kl,
    }


def intervals(model: VAE, split: Arrays, *, beta: float = 1.0) -> dict[str, Interval]:
    """Of both bounds, over pictures."""
    cost = bound(model, split[0])
    return {
        "neg_elbo_nats": of_mean(cost.reconstruction_B + cost.kl_B),
        "objective_nats": of_mean(cost.reconstruction_B + beta * cost.kl_B),
    }


def evidence(model: Any, splits: Splits) -> dict[str, Tensor]:
    """Where test pictures lie in the plane, and some of them whole.

    Of the first `SHOWN` test pictures `code` and `spread` `(N, 2)` and `class` `(N,)`; of the first six of each class
    `picture` `(60, 28, 28)` uint8 and its place in the split, `picture_index`. `density_code` `(M, 2)`: codes of the
    first `LEARNT` training pictures, by which a tab knows where something was learnt; `pca_mean` `(784,)` and
    `pca_axes` `(784, 2)`: their two principal components. `familiar` `(3,)`: above which of the
    three parts of `Unlike` a picture is no clothes.
    """
    x_B1HW, label_B = splits.test
    index = torch.cat([(label_B == c).nonzero().flatten()[: PICTURES // 10] for c in range(10)])
    code_NZ, spread_NZ = codes(model, x_B1HW[:SHOWN])
    learnt_M1HW = splits.train[0][:LEARNT]
    plane = pca(to_unit(learnt_M1HW).flatten(1))
    familiar = [part_B.quantile(FAMILIAR_SHARE) for part_B in unlike(model, splits.valid[0])]
    return {
        "code": code_NZ.half(),
        "spread": spread_NZ.half(),
        "class": label_B[:SHOWN].to(torch.uint8),
        "picture": x_B1HW[index, 0],
        "picture_index": index,
        "density_code": codes(model, learnt_M1HW)[0].half(),
        "pca_mean": plane.mean_D.half(),
        "pca_axes": plane.axes_D2.half(),
        "familiar": torch.stack(familiar),
    }
