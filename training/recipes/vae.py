"""`vae`: clothes squeezed into two numbers, with the bound as Kingma & Welling 2014 have it (β = 1)."""

from functools import partial

from models.vae import VAE
from training._recipe import Budget, Metric, Recipe
from training._steps import adamw
from training.data import fashion_mnist
from training.tasks import latent

EPOCH = 55_000 // 256


def with_beta(
    name: str, beta: float, headline: Metric = latent.OBJECTIVE, *, is_variational: bool = True
) -> Recipe[VAE]:
    """The same net and budget with the KL term weighted by `beta`."""
    return Recipe(
        name=name,
        model=partial(VAE, is_variational=is_variational),
        data=fashion_mnist.splits,
        source=fashion_mnist.SOURCE,
        optimizers=adamw(weight_decay=1e-3, fused=True),
        step=partial(latent.step, beta=beta),
        evaluate=partial(latent.evaluate, beta=beta),
        budget=Budget(steps=100 * EPOCH, batch_size=256, lr=1e-3, eval_every=5 * EPOCH),
        headline=headline,
        averaging=0.999,
        intervals=partial(latent.intervals, beta=beta),
        evidence=latent.evidence,
    )


recipe = with_beta("vae", 1.0, latent.NEG_ELBO)
