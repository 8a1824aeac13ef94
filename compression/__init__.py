"""What makes any trained model smaller, and what that costs."""
