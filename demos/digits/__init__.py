"""Digits: draw one, see at once what a small neural net reads, and follow it through the layers."""

from demos._ui.demo import Demo
from demos.digits.tab import LIMITS, build, thumbnail
from training.recipes import mnist_mlp

demo = Demo(
    number=1,
    group="Digits",
    title="Handwriting",
    summary="Draw a digit: a small net reads it at once, and shows how, layer by layer.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(mnist_mlp.recipe,),
)
