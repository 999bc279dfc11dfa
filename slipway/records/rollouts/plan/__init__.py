"""Draws a plan from the rows: reads everything, changes nothing."""
