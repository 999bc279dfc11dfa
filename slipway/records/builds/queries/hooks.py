"""Which services a webhook may be about, and the secrets that prove it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from slipway.core.builds.orders import ServerKind
from slipway.records.catalog.models import BuildServer, Service
from slipway.records.rows.texts import is_storable


@dataclass(frozen=True, slots=True)
class Hooked:
    """A service that a webhook may be about, and what proves it: its own secret, its server's.

    No more of it is read, for most of what strangers send proves nothing.
    """

    service_id: int
    secrets: tuple[str, ...] = field(repr=False)


def list_hooked_by_projects(projects: Mapping[ServerKind, Collection[str]]) -> list[Hooked]:
    """Return the services whose project is called so on a build server of that kind."""
    wanted = Q(pk__in=[])
    for kind, names in projects.items():
        wanted |= Q(build_server__kind=kind, build_project__in=list(filter(is_storable, names)))
    return _hooked(wanted)


def list_hooked_by_name(name: str) -> list[Hooked]:
    """Return the service of that name, or none."""
    return _hooked(Q(name=name)) if is_storable(name) else []


def get_hooked_services(proven: Iterable[Hooked]) -> list[Service]:
    """Return the services of which a webhook has proven to be."""
    services = Service.objects.select_related("build_server")
    return list(services.filter(pk__in=[one.service_id for one in proven]).order_by("id"))


def list_hook_secrets(kinds: Collection[ServerKind]) -> Iterator[str]:
    """Return every secret of webhooks from build servers of those kinds; none: of all services.
    Each is decrypted: not for what strangers may ask often."""
    servers, services = BuildServer.objects.all(), Service.objects.all()
    if kinds:
        servers = servers.filter(kind__in=kinds)
        services = services.filter(build_server__kind__in=kinds)
    for found in (servers, services):
        yield from filter(None, found.values_list("hook_secret", flat=True).iterator())


def _hooked(wanted: Q) -> list[Hooked]:
    rows = Service.objects.filter(wanted).values_list(
        "pk", "hook_secret", "build_server__hook_secret"
    )
    return [Hooked(pk, tuple(filter(None, secrets))) for pk, *secrets in rows]
