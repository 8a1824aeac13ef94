"""One file per checkpoint; the file's name is the recipe's name."""
