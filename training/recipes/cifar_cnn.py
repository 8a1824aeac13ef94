"""`cifar_cnn`: our best convolutional net on CIFAR-10, after airbench94 (Jordan 2024): whitened patches.

Shifted by up to two pixels, mirrored every other time, labels smoothed by .2, Nesterov's momentum, a rate that rises
for a quarter of the run and falls in a straight line; averaged weights ship. airbench94 goes over
50,000 pictures 9.9 times; this one longer, over 45,000.
"""

from functools import partial

from models.whitened import WhitenedCNN
from training import _second_opinion
from training._recipe import Budget, Recipe, up_then_down
from training._steps import nesterov
from training.data import cifar10 as data
from training.data import grocery
from training.tasks import cifar10

STEPS_AN_EPOCH = 87
SHARES = {"6.0%": 0.06, "10.0%": 0.1, "20.0%": 0.2, "30.0%": 0.3}
"""Of the net's bytes, to what it is cut with care: the cuts ship, two thirds of the net's own size."""

recipe = Recipe(
    name="cifar_cnn",
    model=partial(WhitenedCNN, batch_norm=True),
    data=_second_opinion.indexed(data.splits),
    samples=_second_opinion.indexed(grocery.squares),
    source=data.SOURCE,
    optimizers=nesterov(),
    step=cifar10.alternating_step,
    initial=cifar10.get_ready,
    evaluate=cifar10.evaluate,
    budget=Budget(steps=24 * STEPS_AN_EPOCH, batch_size=512, lr=0.7, eval_every=4 * STEPS_AN_EPOCH),
    headline=cifar10.ACCURACY,
    schedule=up_then_down,
    averaging=0.99,
    export=WhitenedCNN.folded,
    intervals=cifar10.intervals,
    evidence=partial(cifar10.evidence, twins=True, shares=SHARES),
)
