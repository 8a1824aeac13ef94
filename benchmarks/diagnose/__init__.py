"""Cells and moles, claim by claim: peers, folds, int8, maps, their faithfulness, and strangers, a file for each.

Every file but `_nets.py` and `_rows.py` measures one part: `measure` gives what is kept of it, `table` shows that, and
`claims` and `notes`, where it has them, hold it against what was promised. `python -m benchmarks.diagnose` runs them.
"""
