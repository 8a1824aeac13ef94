"""`cifar_cnn_scrambled_1`: the small CNN of the scramble slider on CIFAR-10, pixels in their places."""

from training.recipes.cifar_mlp_scrambled_1 import scrambled

recipe = scrambled("cnn", 1)
