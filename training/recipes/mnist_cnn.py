"""`mnist_cnn`: a small convolutional net on MNIST, no augmentation: what quantization is measured on."""

from functools import partial

from models.cnn import CNN
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import mnist
from training.tasks import digits

recipe = Recipe(
    name="mnist_cnn",
    model=partial(CNN, batch_norm=True),
    data=mnist.splits,
    source=mnist.SOURCE,
    optimizers=adamw(weight_decay=0.05),
    step=digits.step,
    evaluate=digits.evaluate,
    budget=Budget(steps=8 * 429, batch_size=128, lr=4e-3, eval_every=429),
    headline=digits.ACCURACY,
    averaging=0.998,
    export=CNN.folded,
    intervals=digits.intervals,
    evidence=digits.evidence,
)
