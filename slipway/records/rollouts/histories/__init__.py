"""What was well at each place, where it would go back to, and how long it took there."""
