"""What one thing looks like, wherever it is shown."""
