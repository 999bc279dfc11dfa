"""Looks at hosts and instances that no rollout is at work on."""
