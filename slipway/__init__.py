"""Slipway: self-hosted release automation for services on Linux hosts."""

__version__ = "0.1.0"
