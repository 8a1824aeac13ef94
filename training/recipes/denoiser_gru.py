"""`denoiser_gru`: the small recurrent net that takes noise out of speech, live."""

from functools import partial

from models.denoiser import RecurrentDenoiser
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import mixtures
from training.tasks import denoising

recipe = Recipe(
    name="denoiser_gru",
    model=partial(RecurrentDenoiser, bands=64, hidden=128, layers=1),
    data=mixtures.splits,
    source=mixtures.SOURCE,
    optimizers=adamw(),
    step=denoising.step,
    evaluate=denoising.evaluate,
    budget=Budget(steps=20_000, batch_size=8, lr=1.5e-3, eval_every=400),
    headline=denoising.SI_SDR_GAIN,
    averaging=0.997,
    intervals=denoising.intervals,
    evidence=denoising.evidence,
)
