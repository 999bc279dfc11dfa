"""Questions about services, versions and builds."""

from slipway.records.catalog.queries.builds import (
    LogPage,
    get_build,
    get_build_of,
    get_late_offers,
    get_log,
    get_order,
    get_service_order,
    get_state,
    list_builds,
    list_deliveries,
)
from slipway.records.catalog.queries.hooks import (
    Hooked,
    get_hooked_services,
    list_hook_secrets,
    list_hooked_by_name,
    list_hooked_by_projects,
)
from slipway.records.catalog.queries.servers import (
    get_access,
    get_server,
    get_server_check,
    list_servers,
)
from slipway.records.catalog.queries.services import (
    LATEST,
    VersionNotReady,
    get_package_ref,
    get_release_spec,
    get_service,
    get_version,
    list_services,
    list_versions,
)

__all__ = [
    "LATEST",
    "Hooked",
    "LogPage",
    "VersionNotReady",
    "get_access",
    "get_build",
    "get_build_of",
    "get_hooked_services",
    "get_late_offers",
    "get_log",
    "get_order",
    "get_package_ref",
    "get_release_spec",
    "get_server",
    "get_server_check",
    "get_service",
    "get_service_order",
    "get_state",
    "get_version",
    "list_builds",
    "list_deliveries",
    "list_hook_secrets",
    "list_hooked_by_name",
    "list_hooked_by_projects",
    "list_servers",
    "list_services",
    "list_versions",
]
