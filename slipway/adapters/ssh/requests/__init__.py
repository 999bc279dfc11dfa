"""What is sent: the host program, and what is asked of it."""
