"""`dermamnist_cnn`: the deep convolutional net from scratch on DermaMNIST, 28 × 28, seven diagnoses."""

from functools import partial

import torch
from torch import Tensor, nn

from models.cnn import CNN
from training._augment import affine, colour, dihedral
from training._recipe import Arrays, Budget, Metrics, Recipe, macro_f1_over
from training._steps import adamw
from training.data import medmnist
from training.tasks import classification


def augment(x_B3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures `(B, 3, H, W)` any way up, nearer or farther, in another light."""
    x_B3HW = affine(dihedral(x_B3HW, generator), generator, turn=0.25, zoom=0.15, shift=0.1)
    return colour(x_B3HW, generator, brightness=0.1, contrast=0.1, saturation=0.1, cast=0.03)


def evaluate(model: nn.Module, split: Arrays, *, flag: str, classes: tuple[str, ...]) -> Metrics:
    """Macro-F1 and F1 class by class; accuracy and AUC are MedMNIST's own evaluator's."""
    logit_BC = classification.predict_logits(model, split[0])
    return classification.metrics_of_logits(logit_BC, split[1], classes) | medmnist.evaluate(
        flag, logit_BC.softmax(1), split[1]
    )


recipe = Recipe(
    name="dermamnist_cnn",
    model=partial(CNN, inputs=3, channels=(32, 64, 128), classes=7, dropout=0.4, batch_norm=True),
    data=classification.with_class_weights(partial(medmnist.splits, "dermamnist"), power=0.5),
    source=medmnist.DERMA,
    optimizers=adamw(weight_decay=0.05),
    step=partial(classification.step, augment=augment),
    evaluate=partial(evaluate, flag="dermamnist", classes=medmnist.DERMA_CLASSES),
    budget=Budget(steps=60 * 109, batch_size=64, lr=2e-3, eval_every=109),
    headline=macro_f1_over("diagnoses", len(medmnist.DERMA_CLASSES)),
    averaging=0.995,
    export=CNN.folded,
    intervals=partial(classification.intervals, classes=medmnist.DERMA_CLASSES),
)
