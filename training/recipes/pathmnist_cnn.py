"""`pathmnist_cnn`: the deep convolutional net from scratch on PathMNIST, 28 × 28, nine kinds of colon tissue."""

from dataclasses import replace
from functools import partial

from models.cnn import CNN
from training._recipe import Budget, macro_f1_over
from training.data import medmnist
from training.recipes import cells_cnn, dermamnist_cnn
from training.tasks import classification

recipe = replace(
    dermamnist_cnn.recipe,
    name="pathmnist_cnn",
    model=partial(CNN, inputs=3, channels=(32, 64, 128), classes=9, dropout=0.3, batch_norm=True),
    data=classification.with_class_weights(partial(medmnist.splits, "pathmnist"), power=0.5),
    source=medmnist.PATH,
    step=partial(classification.step, augment=cells_cnn.augment),
    evaluate=partial(dermamnist_cnn.evaluate, flag="pathmnist", classes=medmnist.PATH_CLASSES),
    budget=Budget(steps=10 * 703, batch_size=128, lr=2e-3, eval_every=703),
    headline=macro_f1_over("kinds of tissue", len(medmnist.PATH_CLASSES)),
    averaging=0.998,
    intervals=partial(classification.intervals, classes=medmnist.PATH_CLASSES),
)
