"""`srcnn`: the course's three convolutions on the bicubic upscale, by squared error."""

from functools import partial

from models.super_resolution import SRCNN
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import bsds500
from training.tasks.super_resolution import evaluating, evidence, intervals_over_pictures, mean_square, restoring

recipe = Recipe(
    name="srcnn",
    model=partial(SRCNN),
    data=bsds500.splits,
    source=bsds500.SOURCE,
    optimizers=adamw(weight_decay=0),
    step=partial(restoring, side=32, loss=mean_square),
    evaluate=evaluating(bsds500.SETS),
    budget=Budget(steps=7_500, batch_size=16, lr=5e-4, eval_every=500),
    headline="psnr_db",
    averaging=0.998,
    intervals=intervals_over_pictures(bsds500.SETS),
    evidence=evidence,
)
