"""One file per claim that has a peer: each prints a table with its n and its device, and keeps it in `results/`."""
