"""Rules are set and followed; packages are let go."""
