"""What is done on one host for a release, and what is given to it."""
