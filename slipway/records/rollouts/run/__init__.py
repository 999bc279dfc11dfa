"""What a driver reads and writes of a rollout: its value, and what becomes of places."""
