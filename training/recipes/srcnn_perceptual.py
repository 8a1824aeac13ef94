"""`srcnn_perceptual`: SRCNN trained on, by squared error and by what SqueezeNet sees; chosen by how alike it looks."""

from functools import partial

from models._checkpoint import shared
from models.super_resolution import SRCNN
from training._perceptual import PERCEPTUAL, looked, looking
from training._recipe import Budget, Recipe, Splits
from training._steps import adamw
from training.data import bsds500
from training.tasks import super_resolution


def start(model: SRCNN, splits: Splits) -> None:
    """The weights of `srcnn`."""
    model.load_state_dict(shared(SRCNN, "srcnn").model.state_dict())


recipe = Recipe(
    name="srcnn_perceptual",
    model=partial(SRCNN),
    data=bsds500.splits,
    source=bsds500.SOURCE,
    optimizers=adamw(weight_decay=0),
    step=partial(super_resolution.step, side=32, loss=looking("squeezenet1_0")),
    initial=start,
    evaluate=partial(super_resolution.evaluate, sets=bsds500.SETS, measure=looked),
    budget=Budget(steps=1_200, batch_size=16, lr=2e-4, eval_every=200),
    headline=PERCEPTUAL,
    averaging=0.995,
    intervals=partial(super_resolution.intervals, sets=bsds500.SETS, measure=looked),
    evidence=super_resolution.evidence,
)
