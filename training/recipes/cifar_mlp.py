"""`cifar_mlp`: our best perceptron on CIFAR-10, inverted bottlenecks with residuals on flat pixels, no patches.

After Bachmann et al. 2023: what helps a net that knows no neighbourhoods is many pictures, so each is shifted, mirrored
and laid over another, at every turn anew. Averaged weights ship.
"""

from functools import partial

from models.perceptron import BottleneckPerceptron
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import cifar10 as data
from training.data import grocery
from training.tasks import cifar10

STEPS_AN_EPOCH = 87

recipe = Recipe(
    name="cifar_mlp",
    model=partial(BottleneckPerceptron),
    data=data.splits,
    samples=grocery.squares,
    source=data.SOURCE,
    optimizers=adamw(weight_decay=0.1, fused=True),
    step=partial(cifar10.step, shift=3, flips=True, smoothing=0.1, mixup=0.5),
    initial=cifar10.meet,
    evaluate=cifar10.evaluate,
    budget=Budget(steps=200 * STEPS_AN_EPOCH, batch_size=512, lr=1.5e-3, eval_every=20 * STEPS_AN_EPOCH),
    headline=cifar10.ACCURACY,
    averaging=0.999,
    intervals=cifar10.intervals,
    evidence=cifar10.evidence,
)
