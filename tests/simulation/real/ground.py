"""What stands before anything happens: a company whose hosts run v1, and ran v0 before."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.words.roles import Role
from slipway.records.accounts.models import Grant, User
from slipway.records.accounts.rights import Actor, actor_of
from slipway.records.catalog.models import Service, Version
from slipway.records.catalog.operations import versions
from slipway.records.catalog.operations.services import create_service
from slipway.records.fleet.models import Environment, Host, HostState, SshKey
from slipway.records.fleet.operations import environments, hosts, keys

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
VERSIONS = ("v0", "v1", "v2", "v3", "v4")
PORTS = {"a": 8001, "b": 8002}
HOST_KEY = "ssh-ed25519 AAAAfake"
SPEC = """
run: ./bin/service --port ${PORT}
health:
  http: 'http://127.0.0.1:${PORT}/healthz'
  min_healthy_time: 5s
  healthy_deadline: 40s
scripts:
  drain: {run: ./drain, timeout: 20s}
  undrain: {run: ./undrain, timeout: 20s}
  after_activate: {run: ./after, timeout: 20s}
stop_timeout: 10s
keep_releases: 3
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a world is."""

    machines: int
    services: tuple[str, ...]
    spare: int


def person(name: str, role: Role) -> Actor:
    user, _ = User.objects.get_or_create(username=name, defaults={"password": "!"})
    Grant.objects.get_or_create(
        user=user, role=role, service="", environment="", defaults={"created_at": START}
    )
    return actor_of(user, source="192.0.2.1")


def boss() -> Actor:
    return person("bob", Role.ADMIN)


def plant(shape: Shape) -> None:
    """Write down environment, services with their versions, and hosts; nothing runs yet."""
    by = boss()
    key = SshKey.objects.filter(name="default").first() or keys.generate_key(
        name="default", by=by, now=START
    )
    environment = environments.create_environment(name="prod", by=by, now=START, batches="1 50%")
    environments.create_environment(name="attic", by=by, now=START)
    for name in shape.services:
        service = create_service(name=name, language="go", by=by, now=START)
        for version in VERSIONS:
            _version(service, version, by)
    for number in range(1, shape.machines + 1):
        _host(number, environment, key, by)


def _version(service: Service, name: str, by: Actor) -> Version:
    sha256 = hashlib.sha256(f"{service.name} {name}".encode()).hexdigest()
    ref = PackageRef(sha256, 1000, PackageFormat.TAR_GZ, f"{service.name}.tar.gz", 2000)
    stored = StoredPackage(ref=ref, path=f"{sha256[:2]}/{sha256}", spec_text=SPEC)
    version, _ = versions.take_version(service=service, stored=stored, name=name, by=by, now=START)
    return version


def address(number: int) -> str:
    return f"192.0.2.{number}"


def _host(number: int, environment: Environment, key: SshKey, by: Actor) -> Host:
    host = hosts.add_host(
        name=f"h{number}",
        address=address(number),
        environment=environment,
        key=key,
        by=by,
        now=START,
    )
    host.host_key, host.state = HOST_KEY, HostState.OK
    host.facts = {"tools": ["tar", "gzip"]}
    host.save()
    return host


def set_policy(changes: dict[str, object], now: datetime) -> None:
    environment = Environment.objects.get(name="prod")
    environments.change_environment(environment=environment, changes=changes, by=boss(), now=now)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
