"""Column types of our own."""
