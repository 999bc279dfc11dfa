"""Things to look at: versions, hosts that were reached, rollouts that are over."""

import hashlib
from base64 import b64encode
from typing import Any

from django.utils import timezone

from slipway.core.hosts.facts import HostFacts
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.words.kinds import RolloutKind
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations.versions import take_version
from slipway.records.catalog.queries.services import get_service
from slipway.records.fleet.models import Host
from slipway.records.fleet.operations.checks import claim_checks, finish_check, request_checks
from slipway.records.fleet.operations.hosts import add_host
from slipway.records.fleet.queries import get_environment, get_host, get_key
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations.starts import start_rollout
from slipway.records.rollouts.wish.wishes import Wish
from tests.interfaces.web.driving import Drive

FACTS = HostFacts(
    os="Debian 12",
    arch="x86_64",
    cpus=8,
    memory=16 * 2**30,
    disk_total=200 * 2**30,
    disk_free=120 * 2**30,
    inodes_free=10**7,
    root_writable=True,
    systemd=True,
    can_become_root=True,
    tools=("tar", "gzip", "sha256sum", "flock"),
)


def make_version(service: str, name: str, spec: str = "run: ./bin/app\n") -> Version:
    content = f"{service} {name}".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    ref = PackageRef(sha256, 2_000_000, PackageFormat.TAR_GZ, f"{service}.tar.gz", 6_000_000)
    version, _made = take_version(
        service=get_service(service),
        stored=StoredPackage(ref, f"packages/{sha256}", spec),
        name=name,
        ref="main",
        commit="1a2b3c4d",
        by=Actor.system(),
        now=timezone.now(),
    )
    return version


def add_hosts(environment: str, *names: str) -> None:
    key, where = get_key("default"), get_environment(environment)
    for number, name in enumerate(names, start=10):
        add_host(
            name=name,
            address=f"10.{where.order}.{number // 250 + 1}.{number % 250 + 1}",
            environment=where,
            key=key,
            labels={"rack": "ab"[number % 2]},
            by=Actor.system(),
            now=timezone.now(),
        )


def reach_hosts(*names: str) -> None:
    """Let hosts have been looked at, and found well."""
    now = timezone.now()
    hosts = [get_host(name) for name in names]
    request_checks(hosts=hosts, learn_key=True, by=Actor.system(), now=now)
    for check in claim_checks(worker="test", limit=1000, now=now):
        host_key = f"ssh-ed25519 {b64encode(check.access.name.encode()).decode()}"
        finish_check(check=check, facts=FACTS, host_key=host_key, problem=None, now=now)


def wish(kind: str, service: str, environment: str, version: str = "", **more: Any) -> Wish:
    found = get_service(service)
    wanted = Version.objects.get(service=found, name=version) if version else None
    return Wish(
        kind=RolloutKind(kind),
        service=found,
        environment=get_environment(environment),
        version=wanted,
        **more,
    )


def begin(by: Actor, *wanted: str, reason: str = "", **more: Any) -> Rollout:
    """Start a rollout: kind, service, environment, version."""
    wanted_there = wish(*wanted, **more)
    return start_rollout(
        wish=wanted_there,
        by=by,
        now=timezone.now(),
        reason=reason,
        confirm=wanted_there.service.name,
    )


def run(by: Actor, *wanted: str, **more: Any) -> Rollout:
    """Start a rollout and bring it to a good end."""
    rollout = begin(by, *wanted, **more)
    Drive.take(rollout).finish()
    return rollout


def hosts_of(environment: str) -> tuple[str, ...]:
    names = Host.objects.filter(environment__name=environment).order_by("name")
    return tuple(names.values_list("name", flat=True))
