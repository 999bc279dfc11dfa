"""What moves at a terminal while a rollout is followed; in a pipe nothing does."""
