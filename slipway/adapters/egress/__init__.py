"""The way out: HTTP requests to addresses that an admin has configured, and to no others."""
