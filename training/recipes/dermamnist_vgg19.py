"""`dermamnist_vgg19`: VGG-19's ImageNet features, tuned on DermaMNIST: the course work's transfer learning."""

from functools import partial

from models.backbone import Backbone
from training._recipe import MACRO_F1, Budget, Recipe
from training.data import medmnist
from training.recipes.dermamnist_cnn import augment, evaluate
from training.recipes.dermoscopy import optimizers, start
from training.tasks import classification

recipe = Recipe(
    name="dermamnist_vgg19",
    model=partial(Backbone, name="vgg19", classes=7, dropout=0.4, frozen=10),
    data=classification.weighed(partial(medmnist.splits, "dermamnist"), power=0.5),
    source=medmnist.DERMA,
    optimizers=optimizers,
    step=partial(classification.step, augment=augment),
    initial=start,
    evaluate=partial(evaluate, flag="dermamnist", classes=medmnist.DERMA_CLASSES),
    budget=Budget(steps=15 * 109, batch_size=64, lr=5e-4, eval_every=109),
    headline=MACRO_F1,
    averaging=0.99,
    intervals=partial(classification.intervals, classes=medmnist.DERMA_CLASSES),
)
