"""A build while it runs: the program beside the worker, what it is told, what it writes down."""
