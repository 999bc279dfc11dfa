"""Keeps packages: takes them in, looks into them without unpacking, hands them out verified."""

from slipway.adapters.packages.disk import DiskPackages

__all__ = ["DiskPackages"]
