"""`denoiser_cnn_small`: the convolutional denoiser with thin factors for its layers, started from it and trained on."""

from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import mixtures
from training.recipes import denoiser_cnn
from training.tasks import denoising

recipe = Recipe(
    name="denoiser_cnn_small",
    model=denoising.factored(denoiser_cnn.recipe, {"down.1.conv": 8, "around.0.conv": 8, "around.1.conv": 8}),
    data=mixtures.splits,
    source=mixtures.SOURCE,
    optimizers=adamw(),
    step=denoising.step,
    initial=denoising.start(denoiser_cnn.recipe),
    evaluate=denoising.evaluate,
    budget=Budget(steps=2_000, batch_size=8, lr=1e-3, seconds=75, eval_every=40),
    headline=denoising.SI_SDR_GAIN,
    averaging=0.98,
    intervals=denoising.intervals,
    evidence=denoising.evidence,
)
