"""A rollout: what is decided about it, from values alone."""
