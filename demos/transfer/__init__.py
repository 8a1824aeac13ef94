"""Transfer learning: nets that have seen a million pictures, put to nine groceries, or to a visitor's own few."""

from demos._ui.demo import Demo
from demos.transfer.nets import RECIPES
from demos.transfer.tab import LIMITS, build, thumbnail

demo = Demo(
    number=4,
    group="Pictures",
    title="Transfer learning",
    summary="Bring five pictures of your own: a net that has seen a million learns them in a second, and says how sure.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=tuple(RECIPES.values()),
)
