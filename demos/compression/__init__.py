"""Compression: nets made up to two hundred times smaller, and what that costs in right answers, bytes and time."""

from demos._ui.demo import Demo
from demos.compression.figures import thumbnail
from demos.compression.tab import LIMITS, build
from training.recipes import mnist_mlp_x93

demo = Demo(
    number=2,
    group="Digits",
    title="Compression",
    summary="Make a net a hundred times smaller, and see how many more digits it reads wrong.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(mnist_mlp_x93.recipe,),
)
