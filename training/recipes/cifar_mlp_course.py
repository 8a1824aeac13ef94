"""`cifar_mlp_course`: the course work's perceptron on CIFAR-10, 3072-512-256-10 with dropout.

It learns from pictures shifted by up to two pixels and mirrored by a coin. Batch norm is folded away, and averaged
weights ship.
"""

from functools import partial

from models.perceptron import Perceptron
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import cifar10 as data
from training.data import grocery
from training.tasks import cifar10

STEPS_AN_EPOCH = 175


def plain(name: str, hidden: tuple[int, ...], *, dropout: float, epochs: int) -> Recipe[Perceptron]:
    """A plain perceptron with these hidden layers."""
    return Recipe(
        name=name,
        model=partial(Perceptron, hidden=hidden, dropout=dropout, batch_norm=True),
        data=data.splits,
        samples=grocery.squares,
        source=data.SOURCE,
        optimizers=adamw(weight_decay=0.02, fused=True),
        step=partial(cifar10.step, shift=2, flips=True),
        initial=cifar10.meet,
        evaluate=cifar10.evaluate,
        budget=Budget(steps=epochs * STEPS_AN_EPOCH, batch_size=256, lr=2e-3, eval_every=10 * STEPS_AN_EPOCH),
        headline=cifar10.ACCURACY,
        averaging=0.998,
        export=Perceptron.folded,
        intervals=cifar10.intervals,
        evidence=cifar10.evidence,
    )


recipe = plain("cifar_mlp_course", (512, 256), dropout=0.2, epochs=60)
