"""Groceries: published backbones beside what needs none."""
