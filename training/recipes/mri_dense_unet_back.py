"""`mri_dense_unet_back`: the scan before contrast agent from FLAIR, by squared error."""

from dataclasses import replace

from training.data import lgg_mri
from training.recipes import mri_dense_unet

recipe = replace(mri_dense_unet.recipe, name="mri_dense_unet_back", data=lgg_mri.from_flair)
