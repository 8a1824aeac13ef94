"""`cifar_mlp_scrambled_4`: the small perceptron of the scramble slider on CIFAR-10, mixed up in blocks of 4 × 4."""

from training.recipes.cifar_mlp_scrambled_1 import scrambled

recipe = scrambled("perceptron", 4)
