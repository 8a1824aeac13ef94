"""`cifar_mlp_scrambled_32`: the small perceptron of the scramble slider on CIFAR-10, all pixels mixed up."""

from training.recipes.cifar_mlp_scrambled_1 import scrambled

recipe = scrambled("perceptron", 32)
