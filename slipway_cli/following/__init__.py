"""Follows what goes on to its end: a rollout, a build, a check of hosts."""
