"""Reaches hosts by SSH: pooled connections, and the host program at their other end."""

from slipway.adapters.ssh.hosts import SshHosts

__all__ = ["SshHosts"]
