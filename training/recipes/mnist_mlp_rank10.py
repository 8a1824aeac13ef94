"""`mnist_mlp_rank10`: as `mnist_mlp_rank20`, at rank 10."""

from dataclasses import replace

from training.recipes import mnist_mlp_rank20

recipe = replace(
    mnist_mlp_rank20.recipe,
    name="mnist_mlp_rank10",
    model=mnist_mlp_rank20.perceptron([10, 10, 10, 10, 10]),
)
