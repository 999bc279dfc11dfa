"""What a rollout tells of itself, in sentences and counts."""
