"""What people want of builds: one to begin, to end, or to be taken although it came late."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from slipway.core.builds.settings import BuildSettings, check_variables, parse_build
from slipway.core.builds.state import BuildStage, SeenStatus
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.builds.operations.endings import end_as_duplicate
from slipway.records.builds.operations.naming import find_duplicate, name_version
from slipway.records.builds.queries.known import is_known
from slipway.records.catalog.models import Build, BuildOriginator, Service, Version
from slipway.records.rows.texts import checked_text


class NotBuiltHere(Refused):
    """The service has nobody who builds it."""

    code = "not_built_here"


class BuildOver(Refused):
    """The build has ended."""

    code = "build_over"


class NothingLate(Refused):
    """There is no late success to take."""

    code = "nothing_late"


@transaction.atomic
def request_build(
    *,
    service: Service,
    by: Actor,
    now: datetime,
    ref: str = "",
    commit: str = "",
    variables: Mapping[str, str] | None = None,
    description: str = "",
    force: bool = False,
    correlation: str = "",
) -> Build:
    """Write down the wish for a build; a worker does the rest.

    A commit that is built already, or on its way, ends at once as `duplicate` unless `force`.
    `correlation` makes the wish safe to repeat: said twice it is one build. Raises Invalid,
    NotBuiltHere.
    """
    by.require(Action.BUILD, service=service.name)
    service = _locked(service)
    if correlation and (known := Build.objects.filter(correlation=correlation).first()):
        return known
    settings = _settings(service)
    version = _new_version(
        service,
        ref=checked_text(ref, what="ref", limit=255) or service.default_ref,
        commit=checked_text(commit, what="commit", limit=64).lower(),
        description=checked_text(description, what="description", limit=4000),
        by=by,
        now=now,
    )
    build = _new_build(version, settings, now, BuildOriginator.ASKED, correlation)
    build.variables = check_variables(variables or {}, settings)
    build.forced, build.commit_asked = force, version.commit
    build.save()
    _tell("build.requested", build, by, now)
    if not force and (other := find_duplicate(version)) is not None:
        end_as_duplicate(build, other, now)
    return build


@transaction.atomic
def adopt_build(
    *,
    service: Service,
    external_id: str,
    ref: str,
    commit: str,
    url: str,
    now: datetime,
) -> Build | None:
    """Make what was started on the build server a build of ours; None when it is one already."""
    service = _locked(service)
    if is_known(service, external_id):
        return None
    by = Actor.system()
    version = _new_version(
        service, ref=ref[:255], commit=commit[:64], description="", by=by, now=now
    )
    version.status = VersionStatus.BUILDING
    version.build_url = url[:1024]
    version.save(update_fields=["status", "build_url"])
    build = _new_build(version, _settings(service), now, BuildOriginator.SERVER, "")
    build.external_id, build.stage = external_id[:512], BuildStage.WATCHED
    build.save()
    _tell("build.adopted", build, by, now)
    if (other := find_duplicate(version)) is not None:
        end_as_duplicate(build, other, now)
    return build


@transaction.atomic
def cancel_build(*, build: Build, by: Actor, now: datetime) -> Build:
    """Wish that a build ends; a worker ends it on its server, too. Raises BuildOver."""
    version = build.version
    by.require(Action.BUILD, service=version.service.name)
    build = Build.objects.select_for_update().get(pk=build.pk)
    if build.stage == BuildStage.OVER:
        raise BuildOver(
            "The build of {version} has ended.",
            hint="Look at how it ended; start a new one if you need it.",
            version=shown(version.name),
        )
    if build.cancel_requested_at is None:
        build.cancel_requested_at, build.due_at, build.retry_at = now, now, None
        build.save(update_fields=["cancel_requested_at", "due_at", "retry_at"])
        _tell("build.cancel_requested", build, by, now)
    return build


@transaction.atomic
def take_late_success(*, build: Build, by: Actor, now: datetime) -> Build:
    """Make a new version of a build that ended well after it was given up.

    The version that it was meant for stays `timeout` or `failed`: what is over stays over. Raises
    NothingLate.
    """
    old_version = build.version
    by.require(Action.BUILD, service=old_version.service.name)
    service = _locked(old_version.service)
    old = Build.objects.select_for_update().get(pk=build.pk)
    if old.late_at is None or old.superseded:
        raise NothingLate(
            "{version} has no late success that could be taken.",
            hint="Perhaps somebody has taken it: look at the list of versions.",
            version=shown(old_version.name),
        )
    old.superseded = True
    old.save(update_fields=["superseded"])
    version = _new_version(
        service,
        ref=old_version.ref,
        commit=old_version.commit,
        description=old_version.description,
        by=by,
        now=now,
    )
    version.status, version.build_url = VersionStatus.BUILDING, old_version.build_url
    version.save(update_fields=["status", "build_url"])
    taken = _new_build(version, parse_build(old.settings), now, BuildOriginator.LATE, "")
    taken.server, taken.project, taken.settings = old.server, old.project, old.settings
    taken.external_id, taken.seen = old.external_id, SeenStatus.SUCCESS
    taken.stage = BuildStage.WATCHED
    taken.save()
    _tell("build.late_success_taken", taken, by, now)
    return taken


def poke_builds(*, service: Service, external_id: str, now: datetime) -> int:
    """Have the builds with this id looked at now; returns how many there are."""
    return Build.objects.filter(
        version__service=service, external_id=external_id, due_at__isnull=False
    ).update(due_at=now, looked_at=None)


def _locked(service: Service) -> Service:
    services = Service.objects.select_for_update(of=("self",)).select_related("build_server")
    return services.get(pk=service.pk)


def _settings(service: Service) -> BuildSettings:
    if service.build_server is None or not service.build_project:
        raise NotBuiltHere(
            "{service} has no build server.",
            hint="Name a build server and its project in the service, or upload versions.",
            service=service.name,
        )
    return parse_build(service.build)


def _new_version(
    service: Service, *, ref: str, commit: str, description: str, by: Actor, now: datetime
) -> Version:
    version = Version(
        service=service,
        ref=ref,
        commit=commit,
        description=description,
        status=VersionStatus.PENDING,
        created_at=now,
        created_by=by.user,
    )
    name_version(version, now)
    return version


def _new_build(
    version: Version,
    settings: BuildSettings,
    now: datetime,
    originator: BuildOriginator,
    correlation: str,
) -> Build:
    service = version.service
    return Build(
        version=version,
        service=service,
        server=service.build_server,
        project=service.build_project,
        settings=service.build,
        correlation=correlation or secrets.token_hex(16),
        originator=originator,
        stage=BuildStage.WANTED,
        created_at=now,
        deadline_at=now + min(settings.time_limit, timedelta(hours=24)),
        due_at=now,
    )


def _tell(verb: str, build: Build, by: Actor, now: datetime) -> None:
    version = build.version
    after: dict[str, Any] = {"ref": version.ref, "commit": version.commit, "build": build.pk}
    if build.variables:
        after["variables"] = sorted(build.variables)
    record_of(verb, version, by=by, now=now, after=after)
