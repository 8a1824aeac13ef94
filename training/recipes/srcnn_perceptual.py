"""`srcnn_perceptual`: SRCNN trained on, by squared error and by what SqueezeNet sees; chosen by how alike it looks."""

from dataclasses import replace
from functools import partial

from models.super_resolution import SRCNN
from training._perceptual import PERCEPTUAL, measure_perceptual, perceptual_loss
from training._recipe import Splits
from training.data import bsds500
from training.recipes import srcnn
from training.tasks import super_resolution


def start(model: SRCNN, splits: Splits) -> None:
    """The weights of `srcnn`."""
    model.load_state_dict(srcnn.recipe.checkpoint().model.state_dict())


recipe = replace(
    srcnn.recipe,
    name="srcnn_perceptual",
    step=partial(super_resolution.step, side=32, loss=perceptual_loss("squeezenet1_0")),
    initial=start,
    evaluate=partial(super_resolution.evaluate, sets=bsds500.SETS, measure=measure_perceptual),
    budget=replace(srcnn.recipe.budget, steps=1_200, lr=2e-4, eval_every=200),
    headline=PERCEPTUAL,
    averaging=0.995,
    intervals=partial(super_resolution.intervals, sets=bsds500.SETS, measure=measure_perceptual),
)
