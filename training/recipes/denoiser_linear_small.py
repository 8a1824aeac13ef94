"""`denoiser_linear_small`: the linear denoiser with thin factors for its layers, started from it and trained on."""

from dataclasses import replace

from training.recipes.denoiser_linear import recipe as whole
from training.tasks import denoising

recipe = replace(
    whole,
    name="denoiser_linear_small",
    model=denoising.factored(whole, {"blocks.0": 32, "blocks.1": 32, "head": 48}),
    initial=denoising.start(whole),
    budget=replace(whole.budget, steps=800, lr=5e-4, eval_every=50),
)
