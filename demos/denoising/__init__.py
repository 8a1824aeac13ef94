"""Denoising: hear a noisy voice, what a net lets through and what it takes away, see both, and measure them."""

from demos._ui.demo import Demo
from demos.denoising.tab import LIMITS, build, thumbnail
from training.recipes import denoiser_gru

demo = Demo(
    number=1,
    group="Sound",
    title="Denoising",
    summary="Take the noise out of a voice, hear what was removed, and see why.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(denoiser_gru.recipe,),
)
