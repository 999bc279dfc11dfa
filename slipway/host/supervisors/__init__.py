"""Who keeps an instance running: a file for each kind."""
