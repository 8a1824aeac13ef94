"""Digits: draw one, watch a perceptron read it, and follow it through the layers among ten thousand others."""

from demos._ui.demo import Demo
from demos.digits.tab import LIMITS, build, thumbnail
from training.recipes import mnist_mlp

demo = Demo(
    number=1,
    group="Digits",
    title="Digits",
    summary="Draw a digit, watch a perceptron read it, and follow it through the layers.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(mnist_mlp.recipe,),
)
