"""Remembers: what people asked, what was seen, what was done."""
