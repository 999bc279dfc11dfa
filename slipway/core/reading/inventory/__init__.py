"""Hosts as other tools write them down: CSV, Ansible inventories, SSH configs; nothing is lost
without a word."""

from slipway.core.reading.inventory.entries import HostEntry
from slipway.core.reading.inventory.reading import HostList, parse_hosts

__all__ = ["HostEntry", "HostList", "parse_hosts"]
