"""Hosts as other tools write them down: CSV, Ansible inventories, SSH configs; nothing is lost
without a word."""
