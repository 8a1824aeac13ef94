"""`pathmnist_cnn`: the deep convolutional net from scratch on PathMNIST, 28 × 28, nine kinds of colon tissue."""

from functools import partial

from models.cnn import CNN
from training._recipe import MACRO_F1, Budget, Recipe
from training._steps import adamw
from training.data import medmnist
from training.recipes.cells_cnn import augment
from training.recipes.dermamnist_cnn import evaluate
from training.tasks import classification

recipe = Recipe(
    name="pathmnist_cnn",
    model=partial(CNN, inputs=3, channels=(32, 64, 128), classes=9, dropout=0.3, batch_norm=True),
    data=classification.weighed(partial(medmnist.splits, "pathmnist"), power=0.5),
    source=medmnist.PATH,
    optimizers=adamw(weight_decay=0.05),
    step=partial(classification.step, augment=augment),
    evaluate=partial(evaluate, flag="pathmnist", classes=medmnist.PATH_CLASSES),
    budget=Budget(steps=10 * 703, batch_size=128, lr=2e-3, eval_every=703),
    headline=MACRO_F1,
    averaging=0.998,
    export=CNN.folded,
    intervals=partial(classification.intervals, classes=medmnist.PATH_CLASSES),
)
