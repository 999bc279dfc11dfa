"""What is decided about a rollout in one beat: a file for each kind of rule."""
