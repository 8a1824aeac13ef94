"""`grocery_resnet18`: ResNet-18's ImageNet features, its head and last stage tuned to name groceries."""

from training.recipes import grocery_mobilenet_v2

recipe = grocery_mobilenet_v2.tuned("resnet18")
