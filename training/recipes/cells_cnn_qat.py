"""`cells_cnn_qat`: the cells' net taught to live with 8 bits, by the net that it came from."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from compression.fake_quantization import FakeQuantized, calibrated
from signals.image import to_unit
from training._recipe import Arrays, Budget, Optimizers, Recipe, Splits, macro_f1_over
from training._steps import update
from training.data import crc_cells
from training.recipes import cells_cnn
from training.tasks import classification

SHAPE = cells_cnn.recipe.model.keywords
CONFIG = dict(SHAPE) | {"channels": list(SHAPE["channels"]), "dropout": 0.0, "batch_norm": False}
"""The net as it ships: batch norm folded away, and nothing left out."""


def start(model: FakeQuantized, splits: Splits) -> None:
    """The float net's weights, and the ranges that its layers take on training pictures."""
    teacher = cells_cnn.recipe.checkpoint().model
    model.take(teacher)
    model.set_ranges(calibrated(teacher, to_unit(splits.train[0][: cells_cnn.CALIBRATION])))


def distillation_step(
    model: FakeQuantized, batch: Arrays, optimizers: Optimizers, generator: torch.Generator
) -> dict[str, Tensor]:
    """One update towards the float net's answers on augmented pictures, every layer rounding to 8 bits."""
    x_BCHW = cells_cnn.augment(to_unit(batch[0]), generator)
    with torch.no_grad():
        target_BC = cells_cnn.recipe.checkpoint().model(x_BCHW).softmax(1)
    with torch.enable_grad():
        loss = F.kl_div(model(x_BCHW).log_softmax(1), target_BC, reduction="batchmean")
        update(optimizers["model"], loss)
    return {"distillation": loss}


def optimizers(model: FakeQuantized, budget: Budget) -> Optimizers:
    """AdamW without decay: the weights shall stay close to those that are rounded."""
    return {"model": torch.optim.AdamW(model.parameters(), lr=budget.lr, weight_decay=0.0)}


recipe = Recipe(
    name="cells_cnn_qat",
    model=partial(FakeQuantized, architecture="models.cnn.CNN", config=CONFIG),
    data=classification.with_class_weights(crc_cells.splits, power=0.5),
    source=crc_cells.SOURCE,
    optimizers=optimizers,
    step=distillation_step,
    initial=start,
    evaluate=partial(classification.evaluate, classes=crc_cells.CLASSES),
    budget=Budget(steps=200, batch_size=64, lr=5e-5, eval_every=50),
    headline=macro_f1_over("kinds of cell", len(crc_cells.CLASSES)),
    intervals=partial(classification.intervals, classes=crc_cells.CLASSES),
)
