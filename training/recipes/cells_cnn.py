"""`cells_cnn`: a deep convolutional net from scratch on stained colon cells, four kinds, tested on unseen patients."""

from functools import partial

import torch
from torch import Tensor

from models.cnn import CNN
from training._augment import affine, colour, dihedral, stain
from training._classification import evaluating, intervals_over_units, keeping, weighed, weighted
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import crc_cells


def augment(x_B3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Any way up, a little larger or smaller, another laboratory's stain, another camera's colours."""
    x_B3HW = affine(dihedral(x_B3HW, generator), generator, turn=0.25, zoom=0.15, shift=0.12)
    return colour(stain(x_B3HW, generator), generator)


recipe = Recipe(
    name="cells_cnn",
    model=partial(CNN, inputs=3, channels=(24, 64, 128), classes=len(crc_cells.CLASSES), dropout=0.4, batch_norm=True),
    data=weighed(crc_cells.splits, power=0.5),
    source=crc_cells.SOURCE,
    optimizers=adamw(weight_decay=0.05),
    step=partial(weighted, augment=augment),
    evaluate=evaluating(crc_cells.CLASSES),
    budget=Budget(steps=20 * 105, batch_size=64, lr=2e-3, eval_every=105),
    headline="macro_f1",
    averaging=0.995,
    export=CNN.folded,
    intervals=intervals_over_units(crc_cells.CLASSES),
    evidence=keeping(crc_cells.CLASSES, CNN.layers),
)
