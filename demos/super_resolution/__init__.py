"""Super-resolution: twice the pixels from a small net, what is gained, where it is wrong, and what is made up."""

from demos._ui.demo import Demo
from demos.super_resolution.nets import RECIPES
from demos.super_resolution.tab import LIMITS, build, thumbnail

demo = Demo(
    number=1,
    group="Pictures",
    title="Super-resolution",
    summary="Twice the pixels from a small net: what is gained, where it is wrong, what is made up.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=tuple(RECIPES.values()),
)
