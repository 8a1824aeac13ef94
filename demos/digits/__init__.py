"""Digits: draw one, watch a perceptron read it, and follow it through the layers among ten thousand others."""

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
