"""The only ways to change people, their rights and their tokens."""
