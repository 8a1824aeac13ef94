"""`cifar_cnn_scrambled_16`: the small CNN of the scramble slider on CIFAR-10, mixed up in blocks of 16 × 16."""

from training.recipes.cifar_mlp_scrambled_1 import scrambled

recipe = scrambled("cnn", 16)
