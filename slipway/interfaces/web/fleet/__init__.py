"""Pages of environments, hosts and their keys."""
