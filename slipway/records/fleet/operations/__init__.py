"""The only ways to change environments, keys, hosts and instances."""
