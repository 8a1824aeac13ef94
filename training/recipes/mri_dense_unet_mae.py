"""`mri_dense_unet_mae`: FLAIR from the scan before contrast agent, by absolute error."""

from dataclasses import replace
from functools import partial

from training._translation import LOSSES, translating
from training.recipes import mri_dense_unet

recipe = replace(mri_dense_unet.recipe, name="mri_dense_unet_mae", step=partial(translating, loss=LOSSES["mae"]))
