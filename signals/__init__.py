"""Pure functions on tensors and arrays; imports nothing of ours."""
