"""Hosts come, change, rest and go."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.functions import Lower

from slipway.core.words.names import (
    check_address,
    check_host_name,
    check_port,
    check_root,
    check_user_name,
)
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.ports import HostKeyUnknown
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record, record_of
from slipway.records.catalog.operations.services import checked_labels
from slipway.records.fleet.models import Become, Environment, Host, HostState, SshKey
from slipway.records.fleet.operations.keys import require_key
from slipway.records.fleet.operations.machines import forget_what_was_seen
from slipway.records.rows.writing.changes import Checks, set_checked
from slipway.records.rows.writing.uniqueness import refused_if_taken

DEFAULT_ROOT = "/opt/slipway"


class HostExists(Refused):
    """There is a host of that name."""

    code = "host_exists"


class HostInUse(Refused):
    """Instances are on the host, or its history would be lost."""

    code = "host_in_use"


class MachineElsewhere(HostKeyUnknown):
    """The machine belongs to another environment: who manages this one has no right over it, and
    its key is not learnt here."""

    code = "machine_elsewhere"


@transaction.atomic
def add_host(  # noqa: PLR0913 - all of it belongs to one host
    *,
    name: str,
    address: str,
    environment: Environment,
    key: SshKey,
    by: Actor,
    now: datetime,
    port: int = 22,
    user: str = "root",
    root: str = DEFAULT_ROOT,
    become: str = Become.NONE,
    labels: Mapping[str, str] | None = None,
) -> Host:
    """Make a host known; nobody goes there before it is checked. Raises Invalid, HostExists,
    MachineElsewhere, NotFound (a key that is not for this environment)."""
    by.require(Action.MANAGE_HOST, environment=environment.name)
    host = Host(name=check_host_name(name), created_at=now, created_by=by.user)
    said = {"address": address or name, "port": port, "user": user, "root": root or DEFAULT_ROOT}
    _apply(
        host,
        {**said, "become": become, "labels": labels or {}, "environment": environment, "key": key},
    )
    require_key(key, environment, by, now)
    _refuse_machine_of_another_environment(host)
    _refuse_machine_of_another_name(host)
    with refused_if_taken(lambda: _taken(name, by)):
        host.save()
    record_of("host.added", host, by=by, now=now, after=_plain(host, _CHECKS))
    return host


@transaction.atomic
def change_host(*, host: Host, changes: Mapping[str, Any], by: Actor, now: datetime) -> Host:
    """Change address, port, user, root, become, labels, environment, key (objects). Raises Invalid,
    MachineElsewhere, NotFound (a key that is not for its environment).

    With another address or port the host is another machine until its key has been learnt again:
    what was seen there counts no more.
    """
    by.require(Action.MANAGE_HOST, environment=host.environment.name)
    _refuse_moving_instances(host, changes)
    before = _plain(host, changes)
    _apply(host, changes)
    if "environment" in changes:
        by.require(Action.MANAGE_HOST, environment=host.environment.name)
    after = _plain(host, changes)
    if after == before:
        return host
    if any(before.get(key) != after.get(key) for key in ("key", "environment")):
        require_key(host.key, host.environment, by, now)
    if any(before.get(key) != after.get(key) for key in ("address", "port", "environment")):
        _refuse_machine_of_another_environment(host)
        _refuse_machine_of_another_name(host)
    fields = list(changes)
    is_other = _names_another_machine(before, after)
    if is_other:
        host.host_key = ""
        fields.append("host_key")
    host.save(update_fields=fields)
    if is_other:
        forget_what_was_seen(host, now)
    record_of("host.changed", host, by=by, now=now, before=before, after=after)
    return host


@transaction.atomic
def remove_host(*, host: Host, by: Actor, now: datetime) -> None:
    """Forget a host that was never used. Raises HostInUse."""
    by.require(Action.MANAGE_HOST, environment=host.environment.name)
    before = _plain(host, _CHECKS)
    pk = host.pk
    try:
        host.delete()
    except ProtectedError as error:
        raise HostInUse(
            "{host} has instances or a history of rollouts.",
            hint="Remove the instances there, then put the host into maintenance.",
            host=host.name,
        ) from error
    name, environment = host.name, host.environment.name
    record("host.removed", "host", pk, name, by=by, now=now, before=before, environment=environment)


@transaction.atomic
def set_maintenance(*, host: Host, on: bool, by: Actor, now: datetime, reason: str = "") -> None:
    """Take a host out of rollouts, or back in: then it counts as never reached until it is seen."""
    by.require(Action.MANAGE_HOST, environment=host.environment.name)
    if on == (host.state == HostState.MAINTENANCE):
        return
    host.state = HostState.MAINTENANCE if on else HostState.UNKNOWN
    host.save(update_fields=["state"])
    verb = "host.maintenance_began" if on else "host.maintenance_ended"
    record_of(verb, host, by=by, now=now, reason=reason)


@transaction.atomic
def forget_host_key(*, host: Host, by: Actor, now: datetime, reason: str = "") -> None:
    """Forget the host's key after it was changed on purpose, and what was seen there with it; it
    has to be learnt anew."""
    by.require(Action.MANAGE_HOST, environment=host.environment.name)
    before = {"host_key": host.host_key}
    host.host_key = ""
    host.save(update_fields=["host_key"])
    forget_what_was_seen(host, now)
    record_of("host.key_forgotten", host, by=by, now=now, before=before, reason=reason)


def _refuse_moving_instances(host: Host, changes: Mapping[str, Any]) -> None:
    moves = {"environment", "root"} & changes.keys()
    if any(changes[key] != getattr(host, key) for key in moves) and host.instances.exists():
        raise HostInUse(
            "{host} has instances: its environment and root folder stay.",
            hint="Remove the instances there first.",
            host=host.name,
        ).at("environment" if "environment" in changes else "root")


def _taken(name: str, by: Actor) -> HostExists:
    """Names are one for all environments: of what is behind one, only who may see it is told."""
    there = Host.objects.select_related("environment").filter(name=name).first()
    if there is not None and not by.may(Action.VIEW, environment=there.environment.name):
        return HostExists(
            "The name {host} is taken by something that you may not see.",
            hint="Choose another name, or ask an admin over everything.",
            host=name,
        ).at("name")
    return HostExists(
        "There is a host {host} already.", hint="Change it, or choose another name.", host=name
    ).at("name")


def _refuse_machine_of_another_environment(host: Host) -> None:
    if host.host_key and is_known_elsewhere(host, host.host_key):
        raise machine_elsewhere(host)
    others = Host.objects.exclude(environment=host.environment_id)
    at = others.annotate(at=Lower("address")).filter(at=host.address.lower(), port=host.port)
    if at.exists():
        raise machine_elsewhere(host)


def _refuse_machine_of_another_name(host: Host) -> None:
    """Of a service on both, one would overwrite the other's unit and folders."""
    here = Host.objects.filter(environment=host.environment_id, port=host.port).exclude(pk=host.pk)
    twin = here.annotate(at=Lower("address")).filter(at=host.address.lower()).first()
    if twin is not None:
        raise HostExists(
            "{host} would be the machine that is known as {twin}: {address}, port {port}.",
            hint="A machine is one host: what is placed on both would overwrite one another."
            " Several instances of a service on it are told by their ports.",
            host=host.name,
            twin=twin.name,
            address=host.address,
            port=host.port,
        ).at("address")


def is_known_elsewhere(host: Host, host_key: str) -> bool:
    """Whether a key is that of a host in another environment."""
    others = Host.objects.exclude(environment=host.environment_id)
    return others.filter(host_key=host_key).exists()


def machine_elsewhere(host: Host) -> MachineElsewhere:
    """Which one is not said: who manages this environment may not see the other."""
    return MachineElsewhere(
        "The machine behind {host} belongs to another environment.",
        hint="A machine is in one environment. Is it the copy of another machine? Then give it host"
        " keys of its own: remove /etc/ssh/ssh_host_*, run ssh-keygen -A, restart sshd.",
        host=host.name or host.address,
    ).at("address")


def _names_another_machine(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before.get(key) != after.get(key) for key in ("address", "port"))


def _apply(host: Host, changes: Mapping[str, Any]) -> None:
    set_checked(
        host,
        changes,
        _CHECKS,
        lambda key: Invalid("A host has no {key} that can be changed.", key=key),
    )


def _plain(host: Host, keys: Mapping[str, Any]) -> dict[str, Any]:
    plain = {}
    for key in keys:
        value = getattr(host, key, None)
        plain[key] = value if isinstance(value, str | int | dict) else str(value)
    return plain


def _become(value: str) -> str:
    if value not in Become.values:
        raise Invalid("A host becomes root by: none, sudo.")
    return value


_CHECKS: Checks = {
    "address": check_address,
    "port": check_port,
    "user": check_user_name,
    "root": check_root,
    "become": _become,
    "labels": checked_labels,
    "environment": lambda value: value,
    "key": lambda value: value,
}
