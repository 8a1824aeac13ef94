"""`denoiser_linear`: the course work's linear net, one frame's magnitudes in, one gain for each bin out."""

from functools import partial

from models.denoiser import LinearDenoiser
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import mixtures
from training.tasks import denoising

recipe = Recipe(
    name="denoiser_linear",
    model=partial(LinearDenoiser),
    data=mixtures.splits,
    source=mixtures.SOURCE,
    optimizers=adamw(),
    step=denoising.step,
    evaluate=denoising.evaluate,
    budget=Budget(steps=3_000, batch_size=16, lr=2e-3, eval_every=100),
    headline=denoising.SI_SDR_GAIN,
    averaging=0.98,
    intervals=denoising.intervals,
    evidence=denoising.evidence,
)
