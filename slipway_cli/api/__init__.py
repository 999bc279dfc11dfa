"""Speaks with the server: requests and answers, streams, and how long it waits for either."""
