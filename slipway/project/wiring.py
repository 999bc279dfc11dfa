"""Which adapter stands behind which port."""

from django.conf import settings

from slipway.adapters.packages import DiskPackages
from slipway.ports import Packages


def packages() -> Packages:
    """The package store of this installation."""
    return DiskPackages(
        settings.SLIPWAY_PACKAGES,
        limit_bytes=settings.SLIPWAY_PACKAGE_LIMIT,
        unpacked_limit_bytes=settings.SLIPWAY_UNPACKED_LIMIT,
        members=settings.SLIPWAY_PACKAGE_FILES,
    )
