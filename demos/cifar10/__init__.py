"""CIFAR-10: one picture, two answers, from a net that knows what a neighbour is and from one that does not."""

from demos._ui.demo import Demo
from demos.cifar10.nets import COURSE, PAIR
from demos.cifar10.tab import LIMITS, build, thumbnail

demo = Demo(
    number=4,
    group="Pictures",
    title="CIFAR-10",
    summary="One picture, two answers: nudge it by a pixel, and see which net keeps its word.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(*reversed(PAIR.values()), *COURSE),
)
