"""`dermoscopy`: SqueezeNet's ImageNet features, tuned to tell moles from melanomas on PH2; fold 0 is held out."""

from functools import partial

import torch
from torch import Tensor

from models.backbone import Backbone
from training._augment import affine, colour, dihedral
from training._recipe import Budget, Optimizers, Recipe, Splits, macro_f1_over
from training.data import imagenet, ph2
from training.tasks import classification


def augment(x_B3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures `(B, 3, H, W)` any way up, nearer or farther, in another light."""
    x_B3HW = affine(dihedral(x_B3HW, generator), generator, turn=0.25, zoom=0.2, shift=0.1)
    return colour(x_B3HW, generator, brightness=0.1, contrast=0.15, saturation=0.15, cast=0.04)


def start(model: Backbone, splits: Splits) -> None:
    """The published ImageNet weights; the head stays random."""
    model.adopt(imagenet.weights(model.name))


def optimizers(model: Backbone, budget: Budget) -> Optimizers:
    """AdamW; the head learns at the budget's rate, each block before it more slowly."""
    groups = list(model.by_depth(lr=budget.lr, decay=0.7))
    return {"model": torch.optim.AdamW(groups, lr=budget.lr, betas=(0.9, 0.99), weight_decay=0.05)}


recipe = Recipe(
    name="dermoscopy",
    model=partial(Backbone, name="squeezenet1_0", classes=len(ph2.CLASSES), dropout=0.3, frozen=7),
    data=classification.with_class_weights(ph2.splits),
    source=ph2.SOURCE,
    optimizers=optimizers,
    step=partial(classification.step, augment=augment),
    initial=start,
    evaluate=partial(classification.evaluate, classes=ph2.CLASSES),
    budget=Budget(steps=30 * 7, batch_size=16, lr=1e-3, eval_every=21),
    headline=macro_f1_over("kinds of mole", len(ph2.CLASSES)),
    averaging=0.97,
    intervals=partial(classification.intervals, classes=ph2.CLASSES),
    evidence=partial(classification.evidence, classes=ph2.CLASSES, layers=Backbone.layers),
)
