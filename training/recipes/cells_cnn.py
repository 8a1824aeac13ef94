"""`cells_cnn`: a deep convolutional net from scratch on stained colon cells, four kinds, tested on unseen patients.

Six validation patients are too few to choose an epoch by, so validation is looked at once, at the end: the averaged
weights of the last step ship. Half of what it learns from are labels, half what regressions on ImageNet features make
of each cell that met none of its patient: chosen by leaving the patients out in turn (`benchmarks/choices`).
"""

from functools import partial

import torch
from torch import Tensor

from compression.fake_quantization import calibrated
from models.cnn import CNN
from signals.image import to_unit
from training import _second_opinion
from training._augment import affine, colour, dihedral, stain
from training._recipe import Budget, Recipe, Splits, macro_f1_over
from training._steps import adamw
from training.data import crc_cells
from training.tasks import classification

CALIBRATION = 512
"""Training pictures, about, that ranges are taken from."""


def augment(x_B3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Cells `(B, 3, H, W)` any way up, larger or smaller, in another laboratory's stain, by another camera."""
    x_B3HW = affine(dihedral(x_B3HW, generator), generator, turn=0.25, zoom=0.15, shift=0.12)
    return colour(stain(x_B3HW, generator), generator)


def evidence(model: CNN, splits: Splits) -> dict[str, Tensor]:
    """What every classifier keeps, and `ranges`, those of each layer's inputs, which static int8 needs."""
    found = classification.evidence(model, splits, classes=crc_cells.CLASSES, layers=CNN.layers)
    return found | {"ranges": calibrated(model, to_unit(splits.train[0][:: len(splits.train[0]) // CALIBRATION or 1]))}


recipe = Recipe(
    name="cells_cnn",
    model=partial(CNN, inputs=3, channels=(24, 64, 128), classes=len(crc_cells.CLASSES), dropout=0.4, batch_norm=True),
    data=_second_opinion.indexed(classification.with_class_weights(crc_cells.splits, power=0.5)),
    source=crc_cells.SOURCE,
    optimizers=adamw(weight_decay=0.05),
    step=partial(classification.step, augment=augment, opinion=0.5),
    initial=_second_opinion.ask,
    evaluate=partial(classification.evaluate, classes=crc_cells.CLASSES),
    budget=Budget(steps=20 * 105, batch_size=64, lr=2e-3, eval_every=20 * 105),
    headline=macro_f1_over("kinds of cell", len(crc_cells.CLASSES)),
    averaging=0.995,
    export=CNN.folded,
    intervals=partial(classification.intervals, classes=crc_cells.CLASSES),
    evidence=evidence,
)
