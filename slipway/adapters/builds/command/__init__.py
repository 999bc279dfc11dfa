"""Builds by command: this machine itself behind the port BuildServer."""
