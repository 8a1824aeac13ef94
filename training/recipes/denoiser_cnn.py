"""`denoiser_cnn`: the course work's convolutional net on magnitudes, with a few frames of context."""

from functools import partial

from models.denoiser import ConvDenoiser
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import mixtures
from training.tasks import denoising

recipe = Recipe(
    name="denoiser_cnn",
    model=partial(ConvDenoiser),
    data=mixtures.splits,
    source=mixtures.SOURCE,
    optimizers=adamw(),
    step=denoising.step,
    evaluate=denoising.evaluate,
    budget=Budget(steps=2_500, batch_size=8, lr=2e-3, eval_every=100),
    headline=denoising.SI_SDR_GAIN,
    averaging=0.98,
    intervals=denoising.intervals,
    evidence=denoising.evidence,
)
