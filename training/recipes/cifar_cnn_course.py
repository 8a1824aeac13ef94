"""`cifar_cnn_course`: the course work's convolutional net on CIFAR-10: three blocks with batch norm, dropout, cosine.

Pictures are shifted by up to three pixels and mirrored by a coin; batch norm is folded away, and averaged weights ship.
"""

from functools import partial

from models.cnn import CNN
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import cifar10 as data
from training.data import grocery
from training.tasks import cifar10

STEPS_AN_EPOCH = 175

recipe = Recipe(
    name="cifar_cnn_course",
    model=partial(CNN, inputs=3, channels=(32, 64, 128), dropout=0.3, batch_norm=True),
    data=data.splits,
    samples=grocery.squares,
    source=data.SOURCE,
    optimizers=adamw(weight_decay=0.05, fused=True),
    step=partial(cifar10.step, shift=3, flips=True),
    evaluate=cifar10.evaluate,
    budget=Budget(steps=20 * STEPS_AN_EPOCH, batch_size=256, lr=4e-3, eval_every=5 * STEPS_AN_EPOCH),
    headline=cifar10.ACCURACY,
    averaging=0.998,
    export=CNN.folded,
    intervals=cifar10.intervals,
    evidence=cifar10.evidence,
)
