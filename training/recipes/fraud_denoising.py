"""`fraud_denoising`: an autoencoder that takes noise off normal payments (Vincent et al. 2008); it leads the tab."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from models.autoencoder import Autoencoder
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import creditcard
from training.tasks import fraud


def autoencoder(name: str, widths: Sequence[int], *, noise: float = 0.0, sparsity: float = 0.0) -> Recipe[Autoencoder]:
    """An autoencoder through these widths, fitted on the normal payments of the first hours."""
    return Recipe(
        name=name,
        model=partial(Autoencoder, widths=tuple(widths)),
        data=creditcard.splits,
        source=creditcard.SOURCE,
        optimizers=adamw(weight_decay=1e-4, fused=True),
        step=partial(fraud.step, noise=noise, sparsity=sparsity),
        evaluate=fraud.evaluate,
        budget=Budget(steps=3000, batch_size=256, lr=2e-3, eval_every=250),
        headline=fraud.AUPRC,
        initial=fraud.scale,
        complete=fraud.settle,
        intervals=fraud.intervals,
        evidence=fraud.evidence,
    )


recipe = replace(autoencoder("fraud_denoising", (128, 32), noise=1.0), evidence=partial(fraud.evidence, rows=True))
