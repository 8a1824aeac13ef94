"""`mnist_mlp_rank50`: as `mnist_mlp_rank20`, at rank 50."""

from dataclasses import replace

from training.recipes import mnist_mlp_rank20

recipe = replace(
    mnist_mlp_rank20.recipe,
    name="mnist_mlp_rank50",
    model=mnist_mlp_rank20.perceptron([50, 50, 50, 50, 50]),
)
