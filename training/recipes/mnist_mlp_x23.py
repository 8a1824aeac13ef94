"""`mnist_mlp_x23`: the perceptron with 23 times fewer numbers, shared out by what each direction carries.

The ranks are `Factorisation.ranks(1 / 23)`; about as many numbers as rank 20 everywhere.
"""

from dataclasses import replace

from training.recipes import mnist_mlp_rank20

recipe = replace(
    mnist_mlp_rank20.recipe,
    name="mnist_mlp_x23",
    model=mnist_mlp_rank20.perceptron([35, 27, 19, 13, 9]),
)
