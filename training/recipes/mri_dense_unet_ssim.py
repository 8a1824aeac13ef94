"""`mri_dense_unet_ssim`: FLAIR from the scan before contrast agent, by structural similarity; fewer, slower steps."""

from dataclasses import replace
from functools import partial

from training.recipes import mri_dense_unet
from training.tasks import translation

recipe = replace(
    mri_dense_unet.recipe,
    name="mri_dense_unet_ssim",
    step=partial(translation.step, loss=translation.LOSSES["ssim"]),
    budget=replace(mri_dense_unet.recipe.budget, steps=2240),
)
