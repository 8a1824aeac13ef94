"""`mnist_mlp_rank50`: as `mnist_mlp_rank20`, at rank 50, for 15 epochs: 30 were no better on validation (.9944)."""

from dataclasses import replace

from training.recipes import mnist_mlp_rank20

recipe = replace(
    mnist_mlp_rank20.recipe,
    name="mnist_mlp_rank50",
    model=mnist_mlp_rank20.perceptron([50, 50, 50, 50, 50]),
    budget=replace(mnist_mlp_rank20.recipe.budget, steps=15 * 214),
)
