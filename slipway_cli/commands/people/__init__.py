"""Commands about people: logging in, who may what, who did what."""
