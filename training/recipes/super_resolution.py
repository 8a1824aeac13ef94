"""`super_resolution`: a small net that works at the small size and shuffles channels into pixels, by absolute error."""

from functools import partial

from models.super_resolution import SubPixelNet
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import bsds500, scikit_image
from training.tasks import super_resolution

recipe = Recipe(
    name="super_resolution",
    model=partial(SubPixelNet, channels=48, pairs=4),
    data=bsds500.splits,
    samples=scikit_image.splits,
    source=bsds500.SOURCE,
    optimizers=adamw(weight_decay=0),
    step=partial(super_resolution.step, side=40, loss=super_resolution.mean_absolute, is_residual=True),
    evaluate=partial(super_resolution.evaluate, sets=bsds500.SETS),
    budget=Budget(steps=60_000, batch_size=16, lr=1e-3, eval_every=2_000),
    headline=super_resolution.PSNR,
    averaging=0.999,
    intervals=partial(super_resolution.intervals, sets=bsds500.SETS),
    evidence=super_resolution.evidence,
)
