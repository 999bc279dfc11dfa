"""What a rollout is carried out by: drawn, shown, compared, kept."""
