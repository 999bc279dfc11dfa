"""Endpoints of rollouts: the wish, the plan, the rollout and its log."""
