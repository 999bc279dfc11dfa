"""Who takes part in a rollout, and where it leads each of them."""
