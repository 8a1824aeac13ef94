"""How good an answer is, and how sure we can be of that: pure functions of tensors."""
