"""A small company: billing on hosts of prod, its versions, and a driver that does as it is told."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from slipway.core.hosts.seen import SeenInstance
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import instance_key
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Release, Service, Version
from slipway.records.catalog.operations import services
from slipway.records.catalog.operations.releases import Drafts, draft_release
from slipway.records.catalog.operations.versions import take_version
from slipway.records.fleet.models import Environment, Host, HostState, Instance, SshKey
from slipway.records.fleet.operations import environments, keys
from slipway.records.fleet.operations.hosts import add_host
from slipway.records.rollouts.models import Rollout, Target, WellState
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.wish.wishes import Wish
from tests.hand import Hand
from tests.records.people import NOW, alice, bob

SPEC = "run: ./bin/billing --port ${PORT}\nhealth: {http: 'http://127.0.0.1:${PORT}/healthz'}\n"
PORT = 8080


class Clock:
    """Time passes when it is looked at: everything written has its own moment."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


OF_ITS_ADMIN = {
    *("batches", "max_unavailable", "failure_budget", "left_out_budget", "bake_time"),
    "automatic_rollback",
}


class World:
    def __init__(self, hosts: int = 4, **policy: object) -> None:
        self.clock = Clock()
        self.boss, self.alice = bob(), alice()
        self.environment = self.make_environment("prod", **policy)
        self.service = self.make_service("billing")
        self.hosts = [self.make_host(f"web-{number}") for number in range(1, hosts + 1)]

    # --- things ----------------------------------------------------------------------------------

    def make_environment(self, name: str, **policy: object) -> Environment:
        return environments.create_environment(name=name, by=self.boss, now=self.clock(), **policy)

    def make_service(self, name: str) -> Service:
        return services.create_service(name=name, language="go", by=self.boss, now=self.clock())

    def make_host(self, name: str, environment: Environment | None = None) -> Host:
        key = SshKey.objects.filter(name="default").first() or keys.generate_key(
            name="default", by=self.boss, now=self.clock()
        )
        host = add_host(
            name=name,
            address=f"192.0.2.{10 + Host.objects.count()}",
            environment=environment or self.environment,
            key=key,
            by=self.boss,
            now=self.clock(),
        )
        host.host_key, host.state = "ssh-ed25519 AAAA", HostState.OK
        host.save()
        return host

    def release_of(self, version: Version) -> Release:
        """`version` as it would be run now."""
        release = Drafts(self.clock()).kept(draft_release(version.service, version))
        assert release is not None
        return release

    def version(self, name: str, service: Service | None = None, spec: str = SPEC) -> Version:
        service = service or self.service
        version, _ = take_version(
            service=service,
            stored=stored(f"{service.name} {name}", spec),
            name=name,
            by=self.alice,
            now=self.clock(),
        )
        return version

    def instance(self, host: str) -> Instance:
        return Instance.objects.with_names().get(service=self.service, host__name=host)

    def versions(self) -> dict[str, str]:
        """What should run, by host."""
        rows = Instance.objects.filter(service=self.service).order_by("host__name")
        return {i.host.name: i.version.name if i.version else "" for i in rows}

    def says(self, host: str, version: str) -> None:
        """Have a host say what is linked there."""
        links = Instance.objects.filter(service=self.service, host__name=host)
        links.update(seen_link=version, seen_fingerprint="")

    # --- rollouts --------------------------------------------------------------------------------

    def wish(self, kind: str, version: Version | None = None, *hosts: str, **more: object) -> Wish:
        return Wish(
            kind=RolloutKind(kind),
            service=self.service,
            environment=self.environment,
            version=version,
            hosts=hosts,
            port=PORT if kind == "deploy" else 0,
            **more,  # type: ignore[arg-type]
        )

    def start(
        self,
        kind: str,
        version: Version | None = None,
        *hosts: str,
        by: Actor | None = None,
        **more: object,
    ) -> Rollout:
        if kind == "deploy" and not hosts:
            hosts = tuple(host.name for host in self.hosts)
        # Who may be less careful than the environment is its admin.
        person = by or (self.boss if OF_ITS_ADMIN & more.keys() else self.alice)
        return starts.start_rollout(
            wish=self.wish(kind, version, *hosts, **more), by=person, now=self.clock()
        )

    def run(self, kind: str, version: Version | None = None, *hosts: str) -> Rollout:
        """Start a rollout and have it succeed everywhere."""
        return self.finish(self.start(kind, version, *hosts))

    def finish(
        self,
        rollout: Rollout,
        *,
        failing: Sequence[str] = (),
        untouched: Sequence[str] = (),
        taken_back: Sequence[str] = (),
        only: Sequence[str] | None = None,
        end: End | None = None,
        **whole: object,
    ) -> Rollout:
        """Drive to the end: `failing` hosts fail after they were touched and stay so, `untouched`
        ones before, `taken_back` ones are what they were before; hosts that are not in `only` are
        never begun with."""
        hand = Hand(rollout, now=self.clock())
        for place in hand.places():
            host = place.partition(":")[0]
            if only is not None and host not in only:
                continue
            hand.start(place)
            if host in failing:
                hand.fail(place)
            elif host in untouched:
                hand.fail(place, "{place}: the disk is full", touched=False, cause=Cause.HOST)
            elif host in taken_back:
                hand.take_back(place)
            else:
                hand.succeed(place)
        bad = failing or untouched or taken_back or only is not None
        hand.close(end or (End.PARTIAL if bad else End.SUCCEEDED), **whole)
        return Rollout.objects.get(pk=rollout.pk)


def stored(content: str, spec: str = SPEC) -> StoredPackage:
    """A package as the store would have taken it in."""
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    ref = PackageRef(sha256, 1000, PackageFormat.TAR_GZ, "billing.tar.gz", 2000)
    return StoredPackage(ref=ref, path=f"{sha256[:2]}/{sha256}", spec_text=spec)


def seen(version: str, port: int) -> SeenInstance:
    return SeenInstance(
        instance=instance_key(port or None),
        link=version,
        unit="active",
        running_version=version,
        pid=4711,
        epoch=1,
    )


def going(rollout: Rollout) -> dict[str, tuple[str, str]]:
    """From which version to which, by host."""
    rows = Target.objects.filter(rollout=rollout).select_related(
        "host", "from_version", "to_version"
    )
    return {
        row.host.name: (
            row.from_version.name if row.from_version else "",
            row.to_version.name if row.to_version else "",
        )
        for row in rows
    }


def previous(world: "World", host: str = "web-1") -> str:
    earlier = world.instance(host).previous_version
    return earlier.name if earlier else ""


def versions_that_ran(instance: Instance) -> list[Version]:
    """Return the versions that were well in this place, the latest first."""
    rows = WellState.objects.filter(
        service=instance.service_id, host=instance.host_id, port=instance.port, closed_at=None
    )
    newest = rows.select_related("release__version").order_by("-id")
    return list(dict.fromkeys(row.release.version for row in newest))
