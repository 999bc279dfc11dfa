"""What people see move: a rollout's changes, as they happen."""
