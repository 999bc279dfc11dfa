"""Endpoints of environments, hosts, their keys, and instances."""
