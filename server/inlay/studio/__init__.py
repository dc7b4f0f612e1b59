"""What a studio has that a desk has not: people and their tokens."""
