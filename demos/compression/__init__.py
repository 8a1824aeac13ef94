"""Compression: one slider from the whole net to a hundredth of it, and what that costs in accuracy, bytes and time."""

from demos._ui.demo import Demo
from demos.compression.figures import thumbnail
from demos.compression.tab import LIMITS, build
from training.recipes import mnist_mlp_x93

demo = Demo(
    number=2,
    group="Digits",
    title="Compression",
    summary="One slider from the whole net to a hundredth of it, and what that costs.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(mnist_mlp_x93.recipe,),
)
