"""Tests of CIFAR-10."""
