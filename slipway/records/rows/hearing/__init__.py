"""Hears that somebody has written to the database."""
