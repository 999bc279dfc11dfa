"""The command line: a client of the HTTP API that needs nothing of the server package."""
