"""Questions about services and versions."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Q, QuerySet

from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.spec.hidden_values import (
    without_build_values,
    without_credentials,
    without_values,
)
from slipway.core.spec.parsing import merge_spec, parse_spec
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.moments import moment_said
from slipway.core.words.names import shown
from slipway.core.words.refusal import NotFound, Refused
from slipway.core.words.roles import Action
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.catalog.queries.finding import versions_asked_for, with_word
from slipway.records.rows.facts import read_as
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import BY_NAME, NEWEST_FIRST, Bookmark, Stretch
from slipway.records.rows.texts import is_storable

LATEST = "latest"
NEWEST = 500  # versions that are asked as whom they run


class VersionNotReady(Refused):
    """The version has no package that could be released."""

    code = "version_not_ready"


@dataclass(frozen=True, slots=True)
class SeenService:
    """A service as somebody may see it; of its secret, whether it is set."""

    name: str
    language: str
    build_origin: str
    build_url: str
    description: str
    labels: Mapping[str, str]
    spec: Mapping[str, Any]
    default_ref: str
    build_server: str  # "" for none
    build_project: str
    build: Mapping[str, Any]
    keep_versions: int | None
    hook_secret_set: bool
    starred: bool  # by whoever sees it
    created_at: datetime
    created_by: str  # "" where the system itself acted
    updated_at: datetime
    updated_by: str

    @classmethod
    def by(cls, actor: Actor, starred: Container[str], service: Service) -> Self:
        """Return of a service what `actor` may see, who has starred those named."""
        name, makers = service.name, (service.created_by, service.updated_by)
        created_by, updated_by = (maker.get_username() if maker else "" for maker in makers)
        return read_as(
            cls,
            service,
            name=name,
            build_url=address_shown(service.build_url, name, actor),
            spec=spec_shown(service.spec, name, actor),
            build_server=service.build_server.name if service.build_server else "",
            build_project=address_shown(service.build_project, name, actor),
            build=build_shown(service.build, name, actor),
            hook_secret_set=bool(service.hook_secret),
            starred=name in starred,
            created_by=created_by,
            updated_by=updated_by,
        )


def list_services(
    actor: Actor,
    search: str = "",
    limit: int = 50,
    offset: int = 0,
    only: Q | None = None,
    after: str = "",
) -> Stretch[Service]:
    """Return the services that `actor` may see, by name; `only` is a further condition. Raises
    Invalid for an `after` that no row has."""
    services = Service.objects.select_related("created_by", "updated_by", "build_server").filter(
        actor.visible(service="name")
    )
    if only is not None:
        services = services.filter(only)
    if search and is_storable(search):
        services = services.filter(Q(name__icontains=search) | Q(description__icontains=search))
    return Stretch(services, BY_NAME, limit, BY_NAME.after(services, after), offset)


def service_names(actor: Actor) -> list[str]:
    """Return the names of all services that `actor` may see: to choose one."""
    seen = Service.objects.filter(actor.visible(service="name"))
    return list(seen.order_by("name").values_list("name", flat=True))


def list_run_users(environment_id: int) -> list[str]:
    """Return as whom the services run that have instances in an environment: the word of each
    service, and of the newest versions."""
    there = Service.objects.filter(instances__environment=environment_id)
    named = set(there.values_list("spec__user", flat=True))
    newest = Version.objects.filter(service__in=there.values("pk")).order_by("-pk")[:NEWEST]
    named |= set(newest.values_list("spec__user", flat=True))
    return sorted(name for name in named if isinstance(name, str) and name)


def get_service(name: str, actor: Actor | None = None) -> Service:
    """Raises NotFound, also for a service that `actor` may not see."""
    service = Service.objects.filter(name=name).first() if is_storable(name) else None
    if service is None or (actor and not actor.may(Action.VIEW, service=service.name)):
        raise NotFound("There is no service {service}.", service=shown(name))
    return service


def list_versions(
    service: Service,
    limit: int = 50,
    offset: int = 0,
    search: str = "",
    asking: Asking | None = None,
    after: str = "",
) -> Stretch[Version]:
    """Return the versions of `service`, the newest first; those with `search` in name, ref or
    description, or with a commit that begins so. Raises Invalid for an `after` that no row has."""
    versions = _versions(service, asking)
    if search and is_storable(search):
        versions = versions.filter(with_word(search))
    return Stretch(versions, NEWEST_FIRST, limit, NEWEST_FIRST.after(versions, after), offset)


def list_versions_of(service: Service, ids: Iterable[int]) -> list[Version]:
    """Return those of the versions of `service` that have these ids, the newest first."""
    found = _versions(service, None).filter(pk__in=list(ids))
    return list(found.order_by(*NEWEST_FIRST.columns))


def find_versions(service: Service, asking: Asking, limit: int, at: Bookmark) -> Stretch[Version]:
    """Return the versions of `service` that are asked for, the newest first, from a place on."""
    return Stretch(_versions(service, asking), NEWEST_FIRST, limit, at)


def _versions(service: Service, asking: Asking | None) -> QuerySet[Version]:
    related = ("service", "package", "created_by", "build")
    versions = Version.objects.filter(service=service).select_related(*related)
    return versions_asked_for(versions, asking) if asking else versions


def version_names(
    service: str, search: str, also: Iterable[str], limit: int
) -> tuple[list[str], int]:
    """Return what the newest versions with `search` in them are called, and those of `also` that
    there are; and how many versions the service has."""
    versions = Version.objects.filter(service__name=service)
    wanted = versions.filter(with_word(search)) if search and is_storable(search) else versions
    newest = wanted.order_by("-created_at", "-id").values_list("name", flat=True)
    names = list(newest[:limit])
    is_all = not search and len(names) < limit
    total = len(names) if is_all else versions.count()
    if others := [name for name in also if name not in names and name and is_storable(name)]:
        names += versions.filter(name__in=others).values_list("name", flat=True)
    return names, total


def get_version(service: Service, name: str) -> Version:
    """Return the version called so; `latest` is the newest successful one. Raises NotFound."""
    versions = _versions(service, None)
    if name == LATEST:
        made = versions.filter(status=VersionStatus.SUCCESS)
        found = made.order_by("-created_at", "-id").first()
    else:
        found = versions.filter(name=name).first() if is_storable(name) else None
    if found is None:
        raise NotFound(
            "{service} has no version {version}.",
            hint="Upload one, or look at the list of its versions.",
            service=service.name,
            version=shown(name),
        )
    return found


def get_package_ref(version: Version) -> PackageRef:
    """Return what the store knows the version's package by. Raises VersionNotReady."""
    package = version.package
    if package is None or version.status != VersionStatus.SUCCESS:
        raise no_package(version.name)
    if package.removed_at is not None:
        raise package_removed(version.name, package.removed_at)
    return _as_uploaded(version, package)


def uploaded_package(version: Version) -> PackageRef | None:
    """Return a version's package as it was uploaded, its bytes here or let go; None: there is none.
    The same bytes may have come as another version under another name."""
    return _as_uploaded(version, version.package) if version.package else None


def _as_uploaded(version: Version, package: Package) -> PackageRef:
    unpacked = version.unpacked_size  # None: from before it was kept
    return PackageRef(
        sha256=package.sha256,
        size=package.size,
        format=PackageFormat(version.format or package.format),
        filename=version.filename or package.filename,
        unpacked_size=package.unpacked_size if unpacked is None else unpacked,
    )


def no_package(version: str) -> VersionNotReady:
    """Return the refusal of a version that was not made, or not yet."""
    return VersionNotReady(
        "{version} has no package.",
        hint="Wait until it is built, or choose another version.",
        version=version,
    )


def package_removed(version: str, removed_at: datetime) -> VersionNotReady:
    """Return the refusal that says since when the version's package is gone, and what to do."""
    return VersionNotReady(
        "The package of {version} was removed on {day}, because newer ones are kept.",
        hint="Upload the same file again, build its commit again, or choose another version.",
        version=version,
        day=moment_said(removed_at),
    )


def spec_shown(spec: Mapping[str, Any], service: str, actor: Actor) -> dict[str, Any]:
    """Return a spec of the service, or of a version, with what `actor` may see of it."""
    if actor.may_somewhere(Action.DEPLOY, service=service):
        return dict(spec)
    return without_values(spec)


def build_shown(build: Mapping[str, Any], service: str, actor: Actor) -> dict[str, Any]:
    """Return how the service is built with what `actor` may see of it."""
    if actor.may_somewhere(Action.DEPLOY, service=service):
        return dict(build)
    return without_build_values(build)


def variables_shown(given: Mapping[str, str], service: str, actor: Actor) -> dict[str, str]:
    """Return the variables that a build was given, with what `actor` may see of them."""
    shown = build_shown({"variables": dict(given)}, service, actor)
    return dict(shown["variables"])


def address_shown(address: str, service: str, actor: Actor) -> str:
    """Return a project or an address of the service, with what `actor` may see of it."""
    if actor.may_somewhere(Action.DEPLOY, service=service):
        return address
    return without_credentials(address)


def get_release_spec(service: Service, version: Version) -> ReleaseSpec:
    """Return how `version` is run: its own slipway.yaml, overridden by the service's settings.

    Raises Invalid when the two contradict each other.
    """
    return parse_spec(merge_spec(version.spec, service.spec))


def get_versions_called(service: Service, names: Iterable[str]) -> dict[str, Version]:
    """Return versions of a service by name; unknown names are left out."""
    wanted = [name for name in names if is_storable(name)]
    found = Version.objects.filter(service=service, name__in=wanted)
    return {version.name: version for version in found.select_related("package")}
