"""A rollout as one value, and the words it is made of."""
