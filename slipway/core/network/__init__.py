"""Addresses and certificates: where requests may go, and who counts as one."""
