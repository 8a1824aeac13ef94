"""Latent space: clothes squeezed into two numbers, and every place on their plane drawn under the pointer."""

from demos._ui.demo import Demo
from demos.latent.nets import RECIPES
from demos.latent.tab import LIMITS, build, thumbnail

demo = Demo(
    number=2,
    group="Pictures",
    title="Latent space",
    summary="All clothes on one plane of two numbers: move over it, and the net draws what lies there.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(RECIPES["1"], *(recipe for beta, recipe in RECIPES.items() if beta != "1")),
)
