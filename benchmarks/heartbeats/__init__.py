"""Heartbeats: baselines and peers of the nets on the same files, the inflated split, simulated hearts.

`peers.py` fits what stands beside the nets and `measures.py` says what it sees; `python -m benchmarks.heartbeats`.
"""
