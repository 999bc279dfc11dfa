"""Formats of others, and words of our own programs, read into values; nothing is decided here."""
