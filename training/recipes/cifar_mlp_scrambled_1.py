"""`cifar_mlp_scrambled_1`: the small perceptron of the scramble slider on CIFAR-10, pixels left where they are.

All twelve nets of the slider learn from the same pictures for the same budget, and nothing is done to the pictures but
the permutation: what differs is what a net takes for granted.
"""

from functools import partial

from models.scrambled import Kind, Scrambled
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import cifar10 as data
from training.data import grocery
from training.tasks import cifar10

STEPS_AN_EPOCH = 175


def scrambled(kind: Kind, block: int) -> Recipe[Scrambled]:
    """A net of this kind on pixels mixed up within blocks of `block` pixels a side."""
    short = "mlp" if kind == "perceptron" else "cnn"
    return Recipe(
        name=f"cifar_{short}_scrambled_{block}",
        model=partial(Scrambled, kind=kind, block=block, batch_norm=True),
        data=data.splits,
        samples=grocery.squares,
        source=data.SOURCE,
        optimizers=adamw(weight_decay=0.05, fused=True),
        step=cifar10.step,
        initial=cifar10.meet,
        evaluate=cifar10.evaluate,
        budget=Budget(steps=8 * STEPS_AN_EPOCH, batch_size=256, lr=2e-3, eval_every=8 * STEPS_AN_EPOCH),
        headline=cifar10.ACCURACY,
        averaging=0.995,
        export=Scrambled.folded,
        intervals=cifar10.intervals,
        evidence=cifar10.answers,
    )


recipe = scrambled("perceptron", 1)
