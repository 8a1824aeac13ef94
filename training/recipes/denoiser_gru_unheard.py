"""`denoiser_gru_unheard`: the recurrent denoiser when two kinds of noise are kept from it, on a shorter budget."""

from dataclasses import replace
from functools import partial

from training.data import mixtures
from training.recipes import denoiser_gru

recipe = replace(
    denoiser_gru.recipe,
    name="denoiser_gru_unheard",
    data=partial(mixtures.splits, without=mixtures.UNHEARD),
    source=replace(
        mixtures.SOURCE,
        split=f"{mixtures.SOURCE.split}; no {' or '.join(mixtures.UNHEARD)} in training or validation",
        note="Test noises are of ten kinds; two of them this net has never met. Trained for two fifths of the steps of "
        "`denoiser_gru`: compare the kinds with one another rather than the two nets.",
    ),
    budget=replace(denoiser_gru.recipe.budget, steps=8_000),
    averaging=0.98,
)
