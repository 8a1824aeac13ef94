"""`grocery_scratch`: a small net that has never seen anything but these groceries, at 64 × 64."""

from functools import partial

from models.cnn import CNN
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import grocery
from training.tasks import classification, transfer

SIDE = 64
STEPS_AN_EPOCH = 29

recipe = Recipe(
    name="grocery_scratch",
    model=partial(CNN, inputs=3, channels=(24, 48, 96), classes=len(grocery.CLASSES), dropout=0.3, batch_norm=True),
    data=classification.with_class_weights(partial(grocery.pictures, SIDE)),
    source=grocery.SOURCE,
    optimizers=adamw(weight_decay=0.05),
    step=transfer.step,
    evaluate=transfer.evaluate,
    budget=Budget(steps=60 * STEPS_AN_EPOCH, batch_size=32, lr=3e-3, eval_every=4 * STEPS_AN_EPOCH),
    headline=transfer.ACCURACY,
    averaging=0.98,
    export=CNN.folded,
    intervals=transfer.intervals,
    evidence=transfer.evidence,
    curves=True,
)
