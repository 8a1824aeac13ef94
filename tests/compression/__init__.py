"""What makes a model smaller, held to closed forms."""
