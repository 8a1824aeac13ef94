"""`super_resolution_pictures`: the small sub-pixel net on a folder of your own pictures (`WAVELENS_PICTURES`)."""

from dataclasses import replace
from functools import partial

from training.data import pictures
from training.recipes.super_resolution import recipe as sub_pixel
from training.tasks import super_resolution

recipe = replace(
    sub_pixel,
    name="super_resolution_pictures",
    data=pictures.splits,
    source=pictures.SOURCE,
    evaluate=partial(super_resolution.evaluate, sets=("pictures",)),
    intervals=partial(super_resolution.intervals, sets=("pictures",)),
)
