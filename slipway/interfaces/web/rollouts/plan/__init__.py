"""A new rollout: its form, and the plan that it shows."""
