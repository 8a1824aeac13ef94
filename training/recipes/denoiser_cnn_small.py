"""`denoiser_cnn_small`: the convolutional denoiser with thin factors for its layers, started from it and trained on."""

from dataclasses import replace

from training.recipes.denoiser_cnn import recipe as whole
from training.tasks import denoising

recipe = replace(
    whole,
    name="denoiser_cnn_small",
    model=denoising.factored(whole, {"down.1.conv": 8, "around.0.conv": 8, "around.1.conv": 8}),
    initial=denoising.start(whole),
    budget=replace(whole.budget, steps=600, lr=1e-3, eval_every=50),
)
