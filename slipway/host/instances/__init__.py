"""An instance on its host: what it is switched to, what it owes, what it shares."""
