"""What it costs to make the two MNIST nets smaller."""
