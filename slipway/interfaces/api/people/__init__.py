"""Endpoints of people: logging in, roles, tokens, who did what."""
