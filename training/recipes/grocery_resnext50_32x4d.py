"""`grocery_resnext50_32x4d`: ResNeXt-50's ImageNet features, its head and last stage tuned to name groceries."""

from training.recipes import grocery_mobilenet_v2

recipe = grocery_mobilenet_v2.tuned("resnext50_32x4d")
