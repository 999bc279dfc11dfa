"""What keeps an instance running: a value and a file for each kind."""
