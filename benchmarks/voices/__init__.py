"""Voices, part by part: the methods, their trials, whether cleaning helps, and who is noticed as a stranger.

`python -m benchmarks.voices` runs them.
"""
