"""A fuzzer of the whole application over the wire: cases by seed, verdicts by rule (`python -m tests.fuzz`)."""
