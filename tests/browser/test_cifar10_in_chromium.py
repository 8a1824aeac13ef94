"""CIFAR-10 in Chromium."""
