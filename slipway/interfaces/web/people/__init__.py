"""Pages of people: signing in, one's own settings, who did what."""
