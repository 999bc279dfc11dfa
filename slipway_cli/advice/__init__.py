"""What to type next where the server says no."""
