"""How builds are kept apart: whether this machine can, how, and what is inside."""
