"""The only ways to change environments, keys, hosts and instances."""

from slipway.records.fleet.operations.checks import claim_checks, finish_check, request_checks
from slipway.records.fleet.operations.environments import (
    EnvironmentExists,
    change_environment,
    create_environment,
)
from slipway.records.fleet.operations.hosts import (
    HostExists,
    HostInUse,
    MachineElsewhere,
    add_host,
    change_host,
    forget_host_key,
    remove_host,
    set_maintenance,
)
from slipway.records.fleet.operations.imports import ImportReport, import_hosts
from slipway.records.fleet.operations.instances import (
    InstanceLocked,
    change_instance,
    lock_instance,
    unlock_instance,
)
from slipway.records.fleet.operations.keys import (
    KeyExists,
    KeyInUse,
    NotGranted,
    add_key,
    encrypt_anew,
    generate_key,
    grant_key,
    revoke_key,
)
from slipway.records.fleet.operations.looks import HostLook, record_looks
from slipway.records.fleet.operations.windows import (
    Window,
    add_window,
    remove_window,
    windows_of,
)

__all__ = [
    "EnvironmentExists",
    "HostExists",
    "HostInUse",
    "HostLook",
    "ImportReport",
    "InstanceLocked",
    "KeyExists",
    "KeyInUse",
    "MachineElsewhere",
    "NotGranted",
    "Window",
    "add_host",
    "add_key",
    "add_window",
    "change_environment",
    "change_host",
    "change_instance",
    "claim_checks",
    "create_environment",
    "encrypt_anew",
    "finish_check",
    "forget_host_key",
    "generate_key",
    "grant_key",
    "import_hosts",
    "lock_instance",
    "record_looks",
    "remove_host",
    "remove_window",
    "request_checks",
    "revoke_key",
    "set_maintenance",
    "unlock_instance",
    "windows_of",
]
