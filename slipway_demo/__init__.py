"""The story on one machine: real SSH hosts, started locally."""
