"""What was well at each place, and where it would go back to."""
