"""`pneumonia_transfer`: SqueezeNet 1.1's ImageNet features, tuned to tell pneumonia on chest X-rays of 28 × 28 pixels.

The films are scaled up to 64 pixels, and the blocks from the third on learn, the early ones slowly. SqueezeNet was
chosen over MobileNet v2 on training films of another look (see `pneumonia_cnn`): after as many steps AUC .985 against
.975.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import torch

from models.backbone import Backbone
from training._recipe import Budget, Optimizers
from training.data import medmnist
from training.recipes import dermoscopy, pneumonia_cnn
from training.tasks import classification

OTHER: dict[str, Any] = {"name": "mobilenet_v2", "frozen": 8}
"""The backbone that was not chosen, and how much of it stays as published."""
STEPS_AN_EPOCH = 147


def optimizers(model: Backbone, budget: Budget) -> Optimizers:
    """AdamW; the head learns at the budget's rate, each block before it more slowly."""
    groups = list(model.by_depth(lr=budget.lr, decay=0.8))
    return {"model": torch.optim.AdamW(groups, lr=budget.lr, betas=(0.9, 0.99), weight_decay=0.05)}


recipe = replace(
    pneumonia_cnn.recipe,
    name="pneumonia_transfer",
    model=partial(
        Backbone, name="squeezenet1_1", classes=len(medmnist.PNEUMONIA_CLASSES), dropout=0.3, frozen=6, side=64
    ),
    initial=dermoscopy.start,
    optimizers=optimizers,
    budget=Budget(steps=8 * STEPS_AN_EPOCH, batch_size=32, lr=1e-3, eval_every=8 * STEPS_AN_EPOCH),
    averaging=0.99,
    export=None,
    evidence=partial(classification.evidence, classes=medmnist.PNEUMONIA_CLASSES, layers=Backbone.layers),
)
