"""`mnist_mlp`: the five-layer perceptron on MNIST, made smooth by virtual adversarial training, no augmentation."""

from functools import partial

from models.mlp import MLP
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import mnist
from training.tasks import digits

recipe = Recipe(
    name="mnist_mlp",
    model=partial(MLP, batch_norm=True),
    data=mnist.splits,
    source=mnist.SOURCE,
    optimizers=adamw(),
    step=digits.adversarial_step,
    evaluate=digits.evaluate,
    budget=Budget(steps=40 * 214, batch_size=256, lr=2e-3, eval_every=214),
    headline=digits.ACCURACY,
    averaging=0.999,
    export=MLP.folded,
    intervals=digits.intervals,
    evidence=partial(digits.evidence, maps=True),
)
