"""Compares Slipway with Ansible and pyinfra: the same package, hosts and health, in one run."""
