"""What hosts say, how they are reached, and what follows from it for a place."""
