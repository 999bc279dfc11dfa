"""Decides what should happen next, from plain values: no Django, no I/O, no clock, no logging."""
