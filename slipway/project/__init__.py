"""Assembles everything and starts the processes."""
