"""One file a task: its step, how it is measured, its intervals, and what is kept of its test set."""
