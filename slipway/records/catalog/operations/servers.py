"""The only ways to change build servers, and to have them tested."""

import ssl
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import ProtectedError, Q

from slipway.core.builds.orders import ServerKind
from slipway.core.builds.seen import Finding
from slipway.core.network.addresses import Unfit, host_of
from slipway.core.words.names import check_host_name, shown
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record, record_of
from slipway.records.catalog.models import BuildServer, ServerCheck
from slipway.records.rows.sentences import kept
from slipway.records.rows.texts import called, checked_text
from slipway.records.rows.writing.claims import take_rows
from slipway.records.rows.writing.uniqueness import refused_if_taken

# A test takes seconds: whoever claimed one for longer has died.
CLAIM_TIME = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)
CHECKED_EVERY = timedelta(days=1)
SECRETS = ("credential", "hook_secret")
MOST_BASES = 16


class ServerExists(Refused):
    """There is a build server of that name."""

    code = "build_server_exists"


class ServerInUse(Refused):
    """Services or builds name the build server."""

    code = "build_server_in_use"


@transaction.atomic
def create_server(*, name: str, kind: str, by: Actor, now: datetime, **fields: Any) -> BuildServer:
    """Make a build server known; `fields` as in `change_server`. Raises Invalid, ServerExists."""
    by.require(Action.MANAGE_SERVER)
    if len(check_host_name(name)) > 64:
        raise Invalid("The name of a build server is at most 64 characters.")
    if kind not in tuple(ServerKind):
        known = ", ".join(ServerKind)
        raise Invalid("There is no such kind of build server.", hint="Known: {known}.", known=known)
    server = BuildServer(
        name=name, kind=kind, created_at=now, created_by=by.user, updated_at=now, updated_by=by.user
    )
    _apply(server, fields)
    taken = ServerExists(
        "There is a build server {server} already.", hint="Choose another name.", server=name
    )
    with refused_if_taken(taken):
        server.save()
    after = {"kind": kind, **_shown(fields)}
    record_of("build_server.created", server, by=by, now=now, after=after)
    return server


@transaction.atomic
def change_server(
    *, server: BuildServer, changes: Mapping[str, Any], by: Actor, now: datetime
) -> BuildServer:
    """Change base_url, username, credential, ca_certificate, proxy, package_bases, hook_secret.

    With another address or proxy the credential must be given again: it is never sent to where the
    one who gave it did not mean it to go. Raises Invalid.
    """
    by.require(Action.MANAGE_SERVER)
    # As it is now: what it was when the caller read it must not come back.
    server.refresh_from_db(from_queryset=BuildServer.objects.select_for_update())
    before = {key: getattr(server, key) for key in changes if key in _CHECKS}
    moved = any(
        key in changes and changes[key] != getattr(server, key) for key in ("base_url", "proxy")
    )
    if moved and server.credential and "credential" not in changes:
        raise Invalid(
            "With another address or proxy, give the credential again.",
            hint="Otherwise it would be sent to where it was not meant to go.",
        )
    _apply(server, changes)
    server.updated_at, server.updated_by = now, by.user
    server.save(update_fields=[*changes, "updated_at", "updated_by"])
    told = {"before": _shown(before), "after": _shown(changes)}
    record_of("build_server.changed", server, by=by, now=now, **told)
    return server


@transaction.atomic
def delete_server(*, server: BuildServer, by: Actor, now: datetime) -> None:
    """Forget a build server that nothing names. Raises ServerInUse."""
    by.require(Action.MANAGE_SERVER)
    pk = server.pk
    try:
        server.delete()
    except ProtectedError as error:
        raise ServerInUse(
            "{server} builds services, or has built versions.",
            hint="Give those services another build server; what it has built stays known.",
            server=server.name,
        ) from error
    record("build_server.deleted", "build_server", pk, server.name, by=by, now=now)


@transaction.atomic
def request_server_check(
    *, server: BuildServer, project: str, by: Actor, now: datetime
) -> ServerCheck:
    """Have a worker see whether the build server works; for a service's project if one is named."""
    by.require(Action.MANAGE_SERVER)
    return ServerCheck.objects.create(
        server=server,
        project=checked_text(project, what="project", limit=1024),
        requested_at=now,
        requested_by=by.user,
    )


def request_checks_of_commands(*, now: datetime) -> int:
    """Have a worker see once a day whether builds by command are kept apart; returns how many
    tests were asked for."""
    recent = ServerCheck.objects.filter(requested_at__gt=now - CHECKED_EVERY, project="")
    servers = BuildServer.objects.filter(kind=ServerKind.COMMAND).exclude(checks__in=recent)
    return len(
        ServerCheck.objects.bulk_create(
            [ServerCheck(server=server, requested_at=now) for server in servers]
        )
    )


@dataclass(frozen=True, slots=True)
class ServerCheckToDo:
    """A test of a build server that a worker has taken; `project` "": of the server alone."""

    id: uuid.UUID
    server: str
    project: str


def claim_server_checks(*, limit: int, now: datetime) -> list[ServerCheckToDo]:
    """Take checks that nobody does; no two workers get the same one."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_TIME)
    waiting = ServerCheck.objects.filter(free, finished_at=None).order_by("requested_at")
    taken = take_rows(waiting, limit, claimed_at=now)
    rows = ServerCheck.objects.filter(pk__in=taken).values_list("pk", "server__name", "project")
    return [ServerCheckToDo(*row) for row in rows]


def finish_server_check(*, check_id: uuid.UUID, findings: Sequence[Finding], now: datetime) -> None:
    """Write down what was found. Said twice, the first time counts."""
    ServerCheck.objects.filter(pk=check_id, finished_at=None).update(
        finished_at=now,
        findings=[{"said": kept(found.said), "works": found.works} for found in findings],
    )


def forget_server_checks(*, now: datetime) -> int:
    """Forget what was found more than seven days ago."""
    count, _ = ServerCheck.objects.filter(requested_at__lt=now - KEPT_FOR).delete()
    return count


def _apply(server: BuildServer, changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if key not in _CHECKS:
            raise Invalid("A build server has no {key} that can be changed.", key=key)
        setattr(server, key, _CHECKS[key](value))
    if server.kind != ServerKind.COMMAND and not server.base_url:
        raise Invalid("A build server needs its address.", hint="Give it as https://host[/path].")


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Secrets are said to be set or not, and nothing more."""
    return {key: bool(value) if key in SECRETS else value for key, value in fields.items()}


def _base_url(value: str) -> str:
    checked_text(value, what="address", limit=1024)
    if not value:
        return value
    if value.startswith(("/", "file:///")):
        return value.rstrip("/") or "/"  # repositories in a folder, for builds by command
    return _web_address(value)


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine or "@" in parts.netloc or parts.query or parts.fragment or not _plain(value):
        raise Invalid(
            "The address of a build server is https://host[:port][/path] and nothing else.",
            hint="User names and tokens have fields of their own.",
        )
    _check_reachable(str(parts.hostname), value)
    return value.rstrip("/")


def _check_reachable(host: str, address: str) -> None:
    """Refuse what no request would ever go to; what a name leads to is seen with each request."""
    try:
        host_of(f"[{host}]" if ":" in host else host)
    except Unfit as error:
        raise Invalid(
            "No request ever goes to {address}.",
            hint="Its host is a name, or an address as it is usually written. Link-local addresses "
            "(a cloud's metadata), multicast and 0.0.0.0 are out of reach; private ones and "
            "loopback are fine.",
            address=shown(address),
        ) from error


def _plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value and "\\" not in value


def _proxy(value: str) -> str:
    return _web_address(value) if value else ""


def _bases(value: object) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > MOST_BASES:
        raise Invalid("The places of packages are a list of at most {most}.", most=MOST_BASES)
    return [_web_address(checked_text(str(base), what="address", limit=1024)) for base in value]


def _certificate(value: str) -> str:
    checked_text(value, what="CA certificate", limit=256 * 1024)
    if value:
        try:
            ssl.create_default_context(cadata=value)
        except (ssl.SSLError, ValueError, TypeError) as error:  # TypeError: not ASCII
            raise Invalid(
                "This is not a CA certificate.", hint="Give it as PEM: -----BEGIN CERTIFICATE-----."
            ) from error
    return value


def _line(what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        checked_text(value, what=what, limit=1024)
        if any(ord(mark) < 32 for mark in value):
            raise Invalid("The {what} is one line.", what=called(what))
        return value

    return check


def _hook_secret(value: str) -> str:
    if value and len(value) < 16:
        raise Invalid("A secret of webhooks is at least 16 characters.")
    return _line("secret")(value)


_CHECKS: dict[str, Callable[[Any], object]] = {
    "base_url": _base_url,
    "username": _line("user name"),
    "credential": _line("credential"),
    "ca_certificate": _certificate,
    "proxy": _proxy,
    "package_bases": _bases,
    "hook_secret": _hook_secret,
}
check_hook_secret = _hook_secret
