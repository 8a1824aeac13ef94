"""`super_resolution_pictures`: the small sub-pixel net on a folder of your own pictures (`WAVELENS_PICTURES`)."""

from dataclasses import replace

from training.data import pictures
from training.recipes import super_resolution
from training.tasks.super_resolution import evaluating, intervals_over_pictures

recipe = replace(
    super_resolution.recipe,
    name="super_resolution_pictures",
    data=pictures.splits,
    source=pictures.SOURCE,
    evaluate=evaluating(("pictures",)),
    intervals=intervals_over_pictures(("pictures",)),
)
