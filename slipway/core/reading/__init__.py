"""Formats of others, read into values of ours; nothing is decided here."""
