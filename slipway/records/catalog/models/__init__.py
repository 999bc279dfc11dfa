"""What the catalog remembers: services and versions, and how versions are built."""

from slipway.records.catalog.models.builds import (
    Build,
    BuildLogPart,
    BuildOriginator,
    BuildPoll,
    Comparison,
    Delivery,
)
from slipway.records.catalog.models.releases import Release
from slipway.records.catalog.models.servers import BuildServer, ServerCheck
from slipway.records.catalog.models.services import (
    BuildOrigin,
    Language,
    Package,
    Service,
    StarredService,
    Version,
)

__all__ = [
    "Build",
    "BuildLogPart",
    "BuildOrigin",
    "BuildOriginator",
    "BuildPoll",
    "BuildServer",
    "Comparison",
    "Delivery",
    "Language",
    "Package",
    "Release",
    "ServerCheck",
    "Service",
    "StarredService",
    "Version",
]
