"""The connection to the database: a thread of its own for each, and when it is away."""
