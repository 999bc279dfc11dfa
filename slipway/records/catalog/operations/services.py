"""The only ways to change services."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import ProtectedError

from slipway.core.builds.orders import ServerKind
from slipway.core.builds.settings import check_command_variables, parse_build
from slipway.core.spec.parsing import parse_new_spec
from slipway.core.words.names import check_label, check_service_name, shown
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record, record_of
from slipway.records.catalog.models import BuildOrigin, BuildServer, Language, Service
from slipway.records.catalog.operations.servers import check_hook_secret
from slipway.records.rows.texts import checked_text, is_storable
from slipway.records.rows.writing.changes import Checks, set_checked
from slipway.records.rows.writing.uniqueness import refused_if_taken

MOST_LABELS = 64
LANGUAGES = tuple(Language.choices)
NO_LANGUAGE = Language.OTHER.value
BUILT_BY = {"build_server", "build_project"}


class ServiceExists(Refused):
    """There is a service of that name."""

    code = "service_exists"


class ServiceInUse(Refused):
    """The service has a history that would be lost."""

    code = "service_in_use"


@transaction.atomic
def create_service(
    *,
    name: str,
    by: Actor,
    now: datetime,
    language: str = Language.OTHER,
    build_origin: str = BuildOrigin.UPLOAD,
    **fields: Any,
) -> Service:
    """Make a service known; `fields` as in `change_service`. Raises Invalid, ServiceExists."""
    by.require(Action.MANAGE_SERVICE, service=name)
    service = Service(
        name=check_service_name(name),
        created_at=now,
        created_by=by.user,
        updated_at=now,
        updated_by=by.user,
    )
    if fields.keys() & BUILT_BY and any(fields.get(key) for key in BUILT_BY):
        by.require(Action.MANAGE_SERVER)
    _apply(service, {"language": language, "build_origin": build_origin, **fields})
    taken = ServiceExists(
        "There is a service {service} already.", hint="Choose another name.", service=name
    ).at("name")
    with refused_if_taken(taken):
        service.save()
    record_of("service.created", service, by=by, now=now)
    return service


@transaction.atomic
def change_service(
    *, service: Service, changes: Mapping[str, Any], by: Actor, now: datetime
) -> Service:
    """Change language, build_origin, build_url, description, labels, spec, default_ref; and how it
    is built: build_server (its name), build_project, build (core.build_settings), hook_secret,
    keep_versions.

    Raises Invalid. Versions that exist are released with the changed spec from then on.
    """
    by.require(Action.MANAGE_SERVICE, service=service.name)
    # As it is now: who may change its command depends on who builds it.
    service.refresh_from_db(from_queryset=Service.objects.select_for_update())
    before = {key: getattr(service, key) for key in changes if key in _CHECKS}
    _require_leave_to_name_a_server(service, changes, by)
    _apply(service, changes)
    after = {key: getattr(service, key) for key in changes}
    if after == before:
        return service
    if before.keys() & BUILT_BY or _changes_what_we_run(service, before):
        # The build server's credential reads the project, and a command runs on a worker, as do
        # the variables it is given and within its limits: not every service's admin chooses them.
        by.require(Action.MANAGE_SERVER)
    service.updated_at, service.updated_by = now, by.user
    service.save(update_fields=[*changes, "build_origin", "updated_at", "updated_by"])
    before, after = _shown(before), _shown(after)
    record_of("service.changed", service, by=by, now=now, before=before, after=after)
    return service


@transaction.atomic
def delete_service(*, service: Service, by: Actor, now: datetime) -> None:
    """Forget a service that was never used. Raises ServiceInUse."""
    by.require(Action.MANAGE_SERVICE, service=service.name)
    pk = service.pk
    try:
        service.delete()
    except ProtectedError as error:
        raise ServiceInUse(
            "{service} has versions, instances or a history.",
            hint="Remove its instances; what it has been stays known.",
            service=service.name,
        ) from error
    record("service.deleted", "service", pk, service.name, by=by, now=now, service=service.name)


def checked_labels(labels: object) -> dict[str, str]:
    """Return `labels`. Raises Invalid."""
    if not isinstance(labels, Mapping) or len(labels) > MOST_LABELS:
        raise Invalid("Labels are at most {most} pairs of key and value.", most=MOST_LABELS)
    return dict(check_label(str(key), str(value)) for key, value in labels.items())


def _apply(service: Service, changes: Mapping[str, Any]) -> None:
    set_checked(
        service,
        changes,
        _CHECKS,
        lambda key: Invalid("A service has no {key} that can be changed.", key=key),
    )
    if service.build_server is not None:
        service.build_origin = service.build_server.kind
        if not service.build_project:
            raise Invalid("A service with a build server names its project there.")
    # Not whatever is changed: how it was built before this was refused may stay as it is.
    if _is_built_by_us(service) and changes.keys() & {"build", "build_server"}:
        check_command_variables(parse_build(service.build))


def _require_leave_to_name_a_server(
    service: Service, changes: Mapping[str, Any], by: Actor
) -> None:
    """Asked before the name is looked up: whether there is such a server is theirs to know."""
    named = service.build_server.name if service.build_server else ""
    if changes.get("build_server", named) != named:
        by.require(Action.MANAGE_SERVER)


def _changes_what_we_run(service: Service, before: Mapping[str, Any]) -> bool:
    """Return whether the machine of a worker will run something else, or otherwise."""
    if "build" not in before or not _is_built_by_us(service):
        return False
    return parse_build(service.build).run_by_us != parse_build(before["build"]).run_by_us


def _is_built_by_us(service: Service) -> bool:
    server = service.build_server
    return server is not None and server.kind == ServerKind.COMMAND


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As the audit keeps it: the server's name, and of a secret only whether it is set."""
    shown_fields = dict(fields)
    if "build_server" in fields:
        server = fields["build_server"]
        shown_fields["build_server"] = server.name if server else ""
    if "hook_secret" in fields:
        shown_fields["hook_secret"] = bool(fields["hook_secret"])
    return shown_fields


def _language(value: str) -> str:
    if value not in Language.values:
        known = ", ".join(Language.values)
        raise Invalid("There is no such language.", hint="Known are: {known}.", known=known)
    return value


def _build_origin(value: str) -> str:
    if value not in BuildOrigin.values:
        known = ", ".join(BuildOrigin.values)
        raise Invalid("There is no such build origin.", hint="Known are: {known}.", known=known)
    return value


def _build_url(value: str) -> str:
    checked_text(value, what="build URL", limit=1024)
    if value and not _is_web_address(value):
        raise Invalid("The build URL should begin with https:// and name a server.")
    return value


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and value.isprintable()


def _spec(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid("The release spec should be keys with values.")
    parse_new_spec(value)  # refuses what cannot be meant
    return dict(value)


def _build_server(value: str) -> BuildServer | None:
    if not value:
        return None
    found = BuildServer.objects.filter(name=value).first() if is_storable(value) else None
    if found is None:
        raise Invalid(
            "There is no build server {server}.",
            hint="See `slipway build-server list`, or add it there first.",
            server=shown(value),
        )
    return found


def _build_project(value: str) -> str:
    checked_text(value, what="build project", limit=1024)
    if not value.isprintable() or value != value.strip():
        raise Invalid("The build project is one line: a path, a number, or an address.")
    return value


def _build(value: object) -> dict[str, Any]:
    parse_build(value)  # refuses what cannot be meant
    return dict(value) if isinstance(value, Mapping) else {}


def _keep_versions(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= 100_000:
        raise Invalid("Keep at least one version, or leave it empty to keep all.")
    return value


def _ref(value: str) -> str:
    return checked_text(value, what="default ref", limit=255)


_CHECKS: Checks = {
    "language": _language,
    "build_origin": _build_origin,
    "build": _build,
    "build_project": _build_project,
    "build_server": _build_server,
    "build_url": _build_url,
    "default_ref": _ref,
    "hook_secret": check_hook_secret,
    "keep_versions": _keep_versions,
    "description": lambda value: checked_text(value, what="description", limit=4000),
    "labels": checked_labels,
    "spec": _spec,
}
