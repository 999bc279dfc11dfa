"""A small company: billing on hosts of prod, its versions, and a driver that does as it is told."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from slipway.records.rollouts.steps import Intent, Report, StepOutcome

from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.names import instance_key
from slipway.core.refusal import Refused
from slipway.core.rollout.status import TargetStatus
from slipway.core.seen import SeenInstance
from slipway.core.steps import PackageFormat, PackageRef
from slipway.ports import (
    StoredPackage,
)
from slipway.records.accounts.actors import Actor
from slipway.records.catalog import operations as catalog
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet import operations as fleet
from slipway.records.fleet.models import Environment, Host, HostState, Instance, SshKey
from slipway.records.rollouts import endings, operations, progress, steps
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.wishes import Wish
from tests.records.people import NOW, alice, bob
from tests.sentences import said

SPEC = "run: ./bin/billing --port ${PORT}\nhealth: {http: 'http://127.0.0.1:${PORT}/healthz'}\n"
PORT = 8080


class Clock:
    """Time passes when it is looked at: everything written has its own moment."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class World:
    def __init__(self, hosts: int = 4, **policy: object) -> None:
        self.clock = Clock()
        self.boss, self.alice = bob(), alice()
        self.environment = self.make_environment("prod", **policy)
        self.service = self.make_service("billing")
        self.hosts = [self.make_host(f"web-{number}") for number in range(1, hosts + 1)]

    # --- things ----------------------------------------------------------------------------------

    def make_environment(self, name: str, **policy: object) -> Environment:
        return fleet.create_environment(name=name, by=self.boss, now=self.clock(), **policy)

    def make_service(self, name: str) -> Service:
        return catalog.create_service(name=name, language="go", by=self.boss, now=self.clock())

    def make_host(self, name: str, environment: Environment | None = None) -> Host:
        key = SshKey.objects.filter(name="default").first() or fleet.generate_key(
            name="default", by=self.boss, now=self.clock()
        )
        host = fleet.add_host(
            name=name,
            address="192.0.2.10",
            environment=environment or self.environment,
            key=key,
            by=self.boss,
            now=self.clock(),
        )
        host.host_key, host.state = "ssh-ed25519 AAAA", HostState.OK
        host.save()
        return host

    def version(self, name: str, service: Service | None = None, spec: str = SPEC) -> Version:
        service = service or self.service
        version, _ = catalog.take_version(
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
        return operations.start_rollout(
            wish=self.wish(kind, version, *hosts, **more), by=by or self.alice, now=self.clock()
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
        only: Sequence[str] | None = None,
        state: RolloutStatus | None = None,
        roll_back: bool = False,
    ) -> Rollout:
        """Drive to the end: `failing` hosts fail after they were touched, `untouched` ones before;
        hosts that are not in `only` are never begun with."""
        driver = Driver(rollout, self.clock)
        for target in driver.targets(only):
            if target.host.name in failing:
                driver.fail(target)
            elif target.host.name in untouched:
                driver.fail(target, touched=False)
            else:
                driver.succeed(target)
        bad = failing or untouched or only is not None
        end = state or (RolloutStatus.PARTIAL if bad else RolloutStatus.SUCCEEDED)
        driver.close(end, roll_back=roll_back)
        return Rollout.objects.get(pk=rollout.pk)


class Driver:
    """Writes down what a worker would."""

    def __init__(self, rollout: Rollout, clock: Clock, name: str = "worker-1") -> None:
        self.rollout_id, self.clock = rollout.pk, clock
        with transaction.atomic():
            self.epoch = progress.claim(rollout_id=rollout.pk, driver=name, now=clock())
        self.mine = {"rollout_id": self.rollout_id, "epoch": self.epoch}

    def targets(self, only: Sequence[str] | None = None) -> Iterable[Target]:
        rows = Target.objects.filter(rollout=self.rollout_id, state=TargetStatus.PENDING)
        if only is not None:
            rows = rows.filter(host__name__in=only)
        return list(rows.select_related("host", "to_version").order_by("batch", "id"))

    @transaction.atomic
    def begin(self, target: Target, *, touched: bool = True) -> None:
        now = self.clock()
        progress.start_targets(**self.mine, target_ids=[target.pk], now=now)
        names = ("unpack", "switch", "restart") if touched else ("unpack",)
        rows = tuple((n, f"r{self.rollout_id}-t{target.pk}-{n}", i) for i, n in enumerate(names))
        steps.begin_steps(**self.mine, intents=[Intent(target.pk, 1, rows)], now=now)

    @transaction.atomic
    def step(self, target: Target, name: str, exit_code: int = 0) -> None:
        now = self.clock()
        outcome = StepOutcome(
            f"r{self.rollout_id}-t{target.pk}-{name}", exit_code, now, now, "printed"
        )
        steps.finish_steps(**self.mine, reports=[Report(target.pk, (outcome,))], now=now)

    def succeed(self, target: Target) -> None:
        self.begin(target)
        self.step(target, "unpack")
        self.step(target, "switch")
        self.step(target, "restart")
        version = target.to_version.name if target.to_version else ""
        self.end(target, TargetStatus.SUCCEEDED, seen=seen(version, target.port))

    def fail(self, target: Target, *, touched: bool = True) -> None:
        self.begin(target, touched=touched)
        if touched:
            self.step(target, "unpack")
            self.step(target, "switch", exit_code=1)
        else:
            self.step(target, "unpack", exit_code=1)
        self.end(target, TargetStatus.FAILED, problem=Refused("the disk is full"))

    @transaction.atomic
    def end(
        self,
        target: Target,
        state: TargetStatus,
        *,
        seen: SeenInstance | None = None,
        problem: Refused | None = None,
    ) -> None:
        endings.finish_target(
            **self.mine,
            target_id=target.pk,
            state=state,
            seen=seen,
            problem=problem,
            now=self.clock(),
        )

    @transaction.atomic
    def close(self, state: RolloutStatus, *, roll_back: bool = False) -> Rollout | None:
        if roll_back:
            return endings.halt_and_roll_back(
                **self.mine,
                state=RolloutStatus.HALTED,
                outcome=said("it was bad"),
                now=self.clock(),
            )
        endings.close_rollout(
            **self.mine, state=state, outcome=said("it is over"), now=self.clock()
        )
        return None


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
