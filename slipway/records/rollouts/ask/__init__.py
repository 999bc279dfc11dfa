"""Questions about rollouts that are or were, and about all there are."""
