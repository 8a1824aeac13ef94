"""`grocery_vgg16`: VGG-16's ImageNet features, its head and last stage tuned to name groceries."""

from training.recipes import grocery_mobilenet_v2

recipe = grocery_mobilenet_v2.tuned("vgg16")
