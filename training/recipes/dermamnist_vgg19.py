"""`dermamnist_vgg19`: VGG-19's ImageNet features, tuned on DermaMNIST: the course work's transfer learning."""

from dataclasses import replace
from functools import partial

from models.backbone import Backbone
from training.recipes import dermamnist_cnn, dermoscopy

recipe = replace(
    dermamnist_cnn.recipe,
    name="dermamnist_vgg19",
    model=partial(Backbone, name="vgg19", classes=7, dropout=0.4, frozen=10),
    optimizers=dermoscopy.optimizers,
    initial=dermoscopy.start,
    budget=replace(dermamnist_cnn.recipe.budget, steps=15 * 109, lr=5e-4),
    averaging=0.99,
    export=None,
)
