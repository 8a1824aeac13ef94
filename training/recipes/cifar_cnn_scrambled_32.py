"""`cifar_cnn_scrambled_32`: the small CNN of the scramble slider on CIFAR-10, all pixels mixed up."""

from training.recipes.cifar_mlp_scrambled_1 import scrambled

recipe = scrambled("cnn", 32)
