"""`cifar_mlp_scrambled_2`: the small perceptron of the scramble slider on CIFAR-10, mixed up in blocks of 2 × 2."""

from training.recipes.cifar_mlp_scrambled_1 import scrambled

recipe = scrambled("perceptron", 2)
