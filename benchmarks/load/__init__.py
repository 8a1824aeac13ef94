"""Fifty visitors at once."""
