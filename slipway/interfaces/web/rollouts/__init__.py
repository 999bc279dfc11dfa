"""Pages of rollouts: the wish, the plan, the board, what was."""
