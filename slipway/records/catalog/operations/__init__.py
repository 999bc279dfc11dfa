"""The only ways to change services, to make versions, and to have them built."""

from slipway.records.catalog.operations.build_logs import forget_build_logs
from slipway.records.catalog.operations.builds import (
    BuildOver,
    NotBuiltHere,
    NothingLate,
    adopt_build,
    cancel_build,
    poke_builds,
    request_build,
    take_late_success,
)
from slipway.records.catalog.operations.comparisons import (
    finish_comparison,
    list_comparisons_to_make,
    put_off_comparison,
    request_comparison,
)
from slipway.records.catalog.operations.deliveries import (
    became,
    finish_delivery,
    forget_deliveries,
    list_deliveries_to_handle,
    put_off_delivery,
    take_delivery,
)
from slipway.records.catalog.operations.downloads import note_download
from slipway.records.catalog.operations.polls import finish_poll, list_due_polls, put_off_poll
from slipway.records.catalog.operations.pushes import signed_key, take_push
from slipway.records.catalog.operations.servers import (
    ServerExists,
    ServerInUse,
    change_server,
    claim_server_checks,
    create_server,
    delete_server,
    finish_server_check,
    forget_server_checks,
    request_checks_of_commands,
    request_server_check,
)
from slipway.records.catalog.operations.services import (
    ServiceExists,
    ServiceInUse,
    change_service,
    checked_labels,
    create_service,
    delete_service,
)
from slipway.records.catalog.operations.versions import VersionExists, take_version

__all__ = [
    "BuildOver",
    "NotBuiltHere",
    "NothingLate",
    "ServerExists",
    "ServerInUse",
    "ServiceExists",
    "ServiceInUse",
    "VersionExists",
    "adopt_build",
    "became",
    "cancel_build",
    "change_server",
    "change_service",
    "checked_labels",
    "claim_server_checks",
    "create_server",
    "create_service",
    "delete_server",
    "delete_service",
    "finish_comparison",
    "finish_delivery",
    "finish_poll",
    "finish_server_check",
    "forget_build_logs",
    "forget_deliveries",
    "forget_server_checks",
    "list_comparisons_to_make",
    "list_deliveries_to_handle",
    "list_due_polls",
    "note_download",
    "poke_builds",
    "put_off_comparison",
    "put_off_delivery",
    "put_off_poll",
    "request_build",
    "request_checks_of_commands",
    "request_comparison",
    "request_server_check",
    "signed_key",
    "take_delivery",
    "take_late_success",
    "take_push",
    "take_version",
]
