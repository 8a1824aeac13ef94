"""`denoiser_linear_small`: the linear denoiser with thin factors for its layers, started from it and trained on."""

from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import mixtures
from training.recipes import denoiser_linear
from training.tasks import denoising

recipe = Recipe(
    name="denoiser_linear_small",
    model=denoising.factored(denoiser_linear.recipe, {"blocks.0": 32, "blocks.1": 32, "head": 48}),
    data=mixtures.splits,
    source=mixtures.SOURCE,
    optimizers=adamw(),
    step=denoising.step,
    initial=denoising.start(denoiser_linear.recipe),
    evaluate=denoising.evaluate,
    budget=Budget(steps=2_000, batch_size=16, lr=5e-4, seconds=60, eval_every=40),
    headline=denoising.SI_SDR_GAIN,
    averaging=0.98,
    intervals=denoising.intervals,
    evidence=denoising.evidence,
)
