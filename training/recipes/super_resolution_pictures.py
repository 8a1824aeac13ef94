"""`super_resolution_pictures`: the small sub-pixel net on a folder of your own pictures (`WAVELENS_PICTURES`)."""

from functools import partial

from models.super_resolution import SubPixelNet
from training._recipe import Budget, Recipe
from training._steps import adamw
from training._super_resolution import evaluating, evidence, intervals_over_pictures, mean_absolute, restoring
from training.data import pictures

recipe = Recipe(
    name="super_resolution_pictures",
    model=partial(SubPixelNet),
    data=pictures.splits,
    source=pictures.SOURCE,
    optimizers=adamw(weight_decay=0),
    step=partial(restoring, side=40, loss=mean_absolute),
    evaluate=evaluating(("pictures",)),
    budget=Budget(steps=20_000, batch_size=16, lr=1e-3, eval_every=1_000),
    headline="psnr_db",
    averaging=0.999,
    intervals=intervals_over_pictures(("pictures",)),
    evidence=evidence,
)
