"""`srcnn_pets`: the course's own setting, pets at 128 → 256 pixels by squared error and by what VGG-16 sees."""

from dataclasses import replace
from functools import partial

from training._perceptual import perceptual_loss
from training.data import pets
from training.recipes import srcnn
from training.tasks import super_resolution

recipe = replace(
    srcnn.recipe,
    name="srcnn_pets",
    data=pets.splits,
    source=pets.SOURCE,
    step=partial(super_resolution.step, side=32, loss=perceptual_loss("vgg16")),
    evaluate=partial(super_resolution.evaluate, sets=("pets",)),
    intervals=partial(super_resolution.intervals, sets=("pets",)),
)
