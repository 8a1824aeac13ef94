"""`grocery_wide_resnet50_2`: Wide ResNet-50-2's ImageNet features, its head and last stage tuned to name groceries."""

from training.recipes import grocery_mobilenet_v2

recipe = grocery_mobilenet_v2.tuned("wide_resnet50_2")
