"""Hosts as other tools write them down: CSV, Ansible inventories, SSH configs; nothing is lost
without a word."""

from slipway.core.inventory.entries import HostEntry
from slipway.core.inventory.reading import HostList, parse_hosts

__all__ = ["HostEntry", "HostList", "parse_hosts"]
