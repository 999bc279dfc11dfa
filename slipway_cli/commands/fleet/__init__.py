"""Commands about environments, hosts and instances."""
