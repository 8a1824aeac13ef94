"""The latent space of clothes: what VAEs and their peers cost by one bound, and what their codes know of the class.

`measures.py` says how each is measured, `peers.py` makes what stands beside the nets; `python -m benchmarks.latent`.
"""
