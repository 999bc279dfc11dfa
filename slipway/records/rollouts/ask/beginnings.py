"""How far an installation has come since it was empty: its first things, and what was done."""

from dataclasses import dataclass

from slipway.core.words.kinds import FORTH, RolloutKind, RolloutStatus
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.known_hosts import CheckFacts, KnownHost
from slipway.records.fleet.models import Environment, Host, HostCheck, HostState, SshKey
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.models import Rollout

PRACTISED = 10  # rollouts that went well: whoever has so many is led no more


@dataclass(frozen=True, slots=True)
class Done:
    """A rollout that went well."""

    number: int
    kind: str
    service: str
    environment: str
    version: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Beginnings:
    """The one thing of each kind that says most; None where there is none. `host` is the first
    that was found well, else the first; `check` is the last look at it; `versions` are those of the
    service that was released."""

    environment: Environment | None
    key: SshKey | None
    host: KnownHost | None
    check: CheckFacts | None
    service: Service | None
    version: Version | None
    versions: int
    release: Done | None
    back: Done | None

    @property
    def is_host_well(self) -> bool:
        return self.host is not None and self.host.state == HostState.OK


def get_beginnings(actor: Actor) -> Beginnings | None:
    """Return what `actor` sees of them, None where releasing is nothing new here any more."""
    went_well = Rollout.objects.filter(
        actor.visible(service="service__name", environment="environment__name"),
        state=RolloutStatus.SUCCEEDED,
    )
    if len(went_well.order_by().values_list("pk")[:PRACTISED]) >= PRACTISED:
        return None
    named = went_well.select_related("service", "environment", "version").order_by("-id")
    host = _host(actor)
    services = Service.objects.filter(actor.visible(service="name"))
    made = Version.objects.filter(
        actor.visible(service="service__name"), status=VersionStatus.SUCCESS
    )
    version = made.select_related("service", "package").order_by("-id").first()
    release = _done(named.filter(kind__in=FORTH).first())
    return Beginnings(
        environment=next(iter(list_environments(actor)), None),
        key=SshKey.objects.defer("private_key").order_by("id").first(),
        host=host,
        check=_check(host) if host else None,
        service=version.service if version else services.order_by("-id").first(),
        version=version,
        versions=made.filter(service__name=release.service).count() if release else 0,
        release=release,
        back=_done(named.filter(kind=RolloutKind.REVERT).first()),
    )


def _host(actor: Actor) -> KnownHost | None:
    hosts = (
        Host.objects.select_related("environment", "key")
        .defer("key__private_key")
        .filter(actor.visible(environment="environment__name"))
        .order_by("id")
    )
    found = hosts.filter(state=HostState.OK).first() or hosts.first()
    return KnownHost.of(found) if found else None


def _check(host: KnownHost) -> CheckFacts | None:
    found = HostCheck.objects.filter(host=host.id).order_by("-id").first()
    return CheckFacts.of(found, host) if found else None


def _done(rollout: Rollout | None) -> Done | None:
    if rollout is None:
        return None
    begun, ended = rollout.started_at or rollout.created_at, rollout.finished_at
    return Done(
        rollout.pk,
        rollout.kind,
        rollout.service.name,
        rollout.environment.name,
        rollout.version.name if rollout.version else "",
        (ended - begun).total_seconds() if ended else 0,
    )
