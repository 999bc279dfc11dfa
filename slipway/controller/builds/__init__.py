"""Drives builds, and asks build servers what people want to know."""
