"""Who works: what shows that a worker lives, and whose work others may take."""
