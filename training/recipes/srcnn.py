"""`srcnn`: the course's three convolutions on the bicubic upscale, by squared error."""

from functools import partial

from models.super_resolution import SRCNN
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import bsds500, scikit_image
from training.tasks import super_resolution

recipe = Recipe(
    name="srcnn",
    model=partial(SRCNN),
    data=bsds500.splits,
    samples=scikit_image.splits,
    source=bsds500.SOURCE,
    optimizers=adamw(weight_decay=0),
    step=partial(super_resolution.step, side=32, loss=super_resolution.mean_square),
    evaluate=partial(super_resolution.evaluate, sets=bsds500.SETS),
    budget=Budget(steps=7_500, batch_size=16, lr=5e-4, eval_every=500),
    headline=super_resolution.PSNR,
    averaging=0.998,
    intervals=partial(super_resolution.intervals, sets=bsds500.SETS),
    evidence=super_resolution.evidence,
)
