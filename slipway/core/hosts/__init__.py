"""What hosts say, and what follows from it for a place."""
