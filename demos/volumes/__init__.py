"""Volumes: a gland cut open in the page, where a net in three dimensions looks, and what it would say of another shape."""

from demos._ui.demo import Demo
from demos.volumes.nets import OURS, RECIPES
from demos.volumes.tab import LIMITS, build, thumbnail

demo = Demo(
    number=3,
    group="Medicine",
    title="Volumes",
    summary="A gland in three dimensions: see where a net looks, bite a piece off, and it answers anew.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(OURS, *(recipe for recipe in RECIPES.values() if recipe is not OURS)),
)
