"""Heartbeats: baselines and peers of the nets on the same files, the inflated split, simulated hearts.

`peers.py` fits what stands beside the nets; `python -m benchmarks.heartbeats`.
"""
