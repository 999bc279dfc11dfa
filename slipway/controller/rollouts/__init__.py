"""Drives rollouts: from the look for one that nobody drives to what is sent to hosts."""
