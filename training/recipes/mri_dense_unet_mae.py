"""`mri_dense_unet_mae`: FLAIR from the scan before contrast agent, by absolute error."""

from dataclasses import replace
from functools import partial

from training.recipes import mri_dense_unet
from training.tasks import translation

recipe = replace(
    mri_dense_unet.recipe, name="mri_dense_unet_mae", step=partial(translation.step, loss=translation.LOSSES["mae"])
)
