"""Commands about rollouts: what starts one, its plan, how it is steered, what stops it."""
