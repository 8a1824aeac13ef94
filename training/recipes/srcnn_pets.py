"""`srcnn_pets`: the course's own setting, pets at 128 → 256 pixels by squared error and by what VGG-16 sees."""

from functools import partial

from models.super_resolution import SRCNN
from training._perceptual import looking
from training._recipe import Budget, Recipe
from training._steps import adamw
from training._super_resolution import evaluating, evidence, intervals_over_pictures, restoring
from training.data import pets

recipe = Recipe(
    name="srcnn_pets",
    model=partial(SRCNN),
    data=pets.splits,
    source=pets.SOURCE,
    optimizers=adamw(weight_decay=0),
    step=partial(restoring, side=32, loss=looking("vgg16")),
    evaluate=evaluating(("pets",)),
    budget=Budget(steps=7_500, batch_size=16, lr=5e-4, eval_every=750),
    headline="psnr_db",
    averaging=0.998,
    intervals=intervals_over_pictures(("pets",)),
    evidence=evidence,
)
