"""What people may do with rollouts and locks."""
