"""`grocery_squeezenet1_0`: SqueezeNet 1.0's ImageNet features, its head and last stage tuned to name groceries."""

from training.recipes import grocery_mobilenet_v2

recipe = grocery_mobilenet_v2.tuned("squeezenet1_0")
