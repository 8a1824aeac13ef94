"""`mri_dense_unet_taught`: FLAIR from the scan before contrast agent, taught by the three nets that have one loss each.

The mean of the three is closer than any one of them; this net copies what they have in common, at the price of one.
"""

import copy
from dataclasses import replace
from functools import cache, partial

import torch
from torch import nn

from training.recipes import mri_dense_unet, mri_dense_unet_mae, mri_dense_unet_ssim
from training.tasks import translation

TEACHERS = (mri_dense_unet.recipe, mri_dense_unet_mae.recipe, mri_dense_unet_ssim.recipe)


def teachers(device: torch.device) -> list[nn.Module]:
    """The three as they ship, in evaluation mode; CheckpointMissing."""
    nets = (recipe.checkpoint().model for recipe in TEACHERS)
    return [net if device.type == "cpu" else _moved(net, device) for net in nets]


@cache
def _moved(net: nn.Module, device: torch.device) -> nn.Module:
    return copy.deepcopy(net).to(device)


recipe = replace(
    mri_dense_unet.recipe,
    name="mri_dense_unet_taught",
    step=partial(translation.taught_step, teachers=teachers),
    budget=replace(mri_dense_unet.recipe.budget, steps=8_960),
)
