"""Shells complete what somebody types: each Tab asks us what may stand there."""
