"""Inventories as Ansible writes them."""
