"""What managers believe customers will say, told before they see it."""
