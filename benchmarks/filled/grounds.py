"""What rollouts stand on: people, environments, hosts, services with their versions, instances."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model

from benchmarks.filled import shapes
from benchmarks.filled.size import ENVIRONMENTS, LARGEST, PERSON, Size
from slipway.core.builds.state import BuildStage, SeenStatus
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.roles import Role
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.models import Grant, User
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import (
    Build,
    BuildServer,
    Package,
    Release,
    Service,
    Version,
)
from slipway.records.fleet.models import Environment, Host, HostState, Instance, SshKey
from slipway.records.fleet.operations import environments, keys

Row = TypeVar("Row", bound=Model)
PORT = 8080
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that rollouts name; `versions` and `releases` by service, the oldest first."""

    size: Size
    now: datetime
    people: Sequence[User]
    environments: Sequence[Environment]
    hosts: Sequence[Host]
    services: Sequence[Service]
    versions: dict[int, list[Version]]
    releases: dict[int, list[Release]]

    def places(self) -> Iterator[tuple[Service, Environment, list[Host]]]:
        """Yield each service in each environment, with the hosts that it has there."""
        for number, service in enumerate(self.services):
            for at, environment in enumerate(self.environments):
                own = [host for host in self.hosts if host.environment_id == environment.pk]
                is_largest = service.name == LARGEST and environment.name == ENVIRONMENTS[-1]
                count = self.size.places if is_largest else self.size.others[at]
                begin = number * count
                yield service, environment, [own[(begin + n) % len(own)] for n in range(count)]


def written(rows: Iterator[Row] | list[Row]) -> list[Row]:
    """Write rows, many at once, and return them."""
    made = list(rows)
    if made:
        type(made[0])._default_manager.bulk_create(made, batch_size=_AT_ONCE)
    return made


def lay_grounds(size: Size, now: datetime) -> Grounds:
    people = _people(size, now)
    system = Actor.system()
    places = [
        environments.create_environment(name=name, order=10 * (at + 1), by=system, now=now)
        for at, name in enumerate(ENVIRONMENTS)
    ]
    key = keys.generate_key(name="default", by=system, now=now)
    hosts = written(_hosts(size, places, key, now))
    server = BuildServer.objects.create(
        name="gitlab",
        kind="gitlab",
        base_url="https://gitlab.example.com",
        credential="a token of theirs",
        created_at=now,
        updated_at=now,
    )
    services = written(_services(size, server, now))
    versions = _versions(size, services, people, now)
    releases = written(
        Release(
            version=version,
            fingerprint=_sha(f"release {version.pk}"),
            spec=shapes.SPEC,
            made_at=version.created_at,
        )
        for version in versions
    )
    written(_builds(versions, server))
    return Grounds(
        size,
        now,
        people,
        places,
        hosts,
        services,
        _by(versions, lambda version: version.service_id),
        _by(releases, lambda release: release.version.service_id),
    )


def write_instances(grounds: Grounds) -> list[Instance]:
    """Write what runs: the last but one version of each service, nearly everywhere well."""
    return written(
        _instance(grounds, service, environment, host, number)
        for service, environment, hosts in grounds.places()
        for number, host in enumerate(hosts)
    )


def _instance(
    grounds: Grounds, service: Service, environment: Environment, host: Host, number: int
) -> Instance:
    releases = grounds.releases[service.pk]
    release, before = releases[-2], releases[-3]
    oddness = (service.pk * 31 + host.pk * 7 + number) % 200
    is_ill, is_other = oddness == 0, oddness == 1
    status = InstanceStatus.UPGRADE_FAILED if oddness == 2 else InstanceStatus.RUNNING
    return Instance(
        service=service,
        environment=environment,
        host=host,
        port=PORT,
        version=release.version,
        release=release,
        previous_version=before.version,
        seen_version=(before if is_other else release).version.name,
        seen_link=(before if is_other else release).version.name,
        seen_fingerprint=release.fingerprint,
        seen_process="4711",
        seen_boot="0b6f",
        seen_why=shapes.ILL if is_ill else None,
        seen_at=grounds.now + timedelta(hours=1),  # as if a worker went on to look
        healthy=not is_ill,
        status=status,
        created_at=grounds.now - timedelta(days=300),
    )


def _people(size: Size, now: datetime) -> list[User]:
    names = [PERSON, *(f"{PERSON}-{number}" for number in range(1, size.people))]
    people = written(
        [User(username=name, password="!", is_superuser=name == PERSON) for name in names]
    )
    written(
        Grant(user=user, role=Role.DEPLOYER, environment=name, created_at=now)
        for user in people[1:]
        for name in ENVIRONMENTS
    )
    return people


def _hosts(size: Size, places: Sequence[Environment], key: SshKey, now: datetime) -> Iterator[Host]:
    named = {environment.name: environment for environment in places}
    for number in range(size.hosts):
        name = size.host(number)
        is_away = number % 97 == 96
        yield Host(
            name=name,
            address=f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}",
            user="deploy",
            environment=named[name.partition("-")[0]],
            key=key,
            labels={"rack": f"r{number % 40}", "zone": f"z{number % 3}"},
            host_key="ssh-ed25519 " + "A" * 68,
            state=HostState.UNREACHABLE if is_away else HostState.OK,
            problem=shapes.AWAY if is_away else None,
            facts=shapes.FACTS,
            looked_at=now,
            last_seen_at=now - timedelta(hours=2) if is_away else now,
            created_at=now - timedelta(days=400),
        )


def _services(size: Size, server: BuildServer, now: datetime) -> Iterator[Service]:
    for number in range(size.services):
        yield Service(
            name=size.service(number),
            language=("go", "java", "python", "node")[number % 4],
            build_origin="gitlab",
            build_server=server,
            build_project=f"group/{size.service(number)}",
            build={"variables": {"TARGET": "release"}},
            hook_secret=f"a secret of {number}",
            keep_versions=None if number % 2 else 20,
            description=f"Does what number {number} does, and tells others of it.",
            labels={"team": f"team-{number % 20}", "tier": str(number % 3)},
            spec={"environment": {"REGION": "eu"}},
            created_at=now - timedelta(days=400),
            updated_at=now,
        )


def _versions(
    size: Size, services: Sequence[Service], people: Sequence[User], now: datetime
) -> list[Version]:
    names = [(service, number) for service in services for number in range(size.versions)]
    packages = written(
        Package(
            sha256=_sha(f"package {service.name} {number}"),
            size=5_600_000 + number,
            unpacked_size=14_000_000,
            format="tar.gz",
            filename=f"{service.name}-{size.version(number)}.tar.gz",
            path=f"{service.name}/{number}",
            removed_at=now if _was_let_go(size, service, number) else None,
            created_at=now - timedelta(days=3 * (size.versions - number)),
        )
        for service, number in names
    )
    return written(
        Version(
            service=service,
            name=size.version(number),
            ref="main",
            commit=hashlib.sha1(f"{service.name} {number}".encode()).hexdigest(),
            description="Merged what was asked for.",
            status=VersionStatus.SUCCESS,
            package=package,
            filename=package.filename,
            format=package.format,
            unpacked_size=package.unpacked_size,
            spec=shapes.SPEC,
            service_spec=service.spec,
            created_at=package.created_at,
            created_by=people[number % len(people)],
        )
        for (service, number), package in zip(names, packages, strict=True)
    )


def _was_let_go(size: Size, service: Service, number: int) -> bool:
    """Whether the retention of last night has taken the package; one is new since then."""
    kept = service.keep_versions
    return kept is not None and number < size.versions - kept - 1


def _builds(versions: Sequence[Version], server: BuildServer) -> Iterator[Build]:
    for number, version in enumerate(versions):
        yield Build(
            version=version,
            service=version.service,
            server=server,
            project=version.service.build_project,
            settings=version.service.build,
            correlation=f"correlation-{number}",
            originator="asked",
            stage=BuildStage.OVER,
            seen=SeenStatus.SUCCESS,
            external_id=str(number),
            log_size=40_000,
            created_at=version.created_at - timedelta(minutes=6),
            deadline_at=version.created_at + timedelta(hours=1),
            finished_at=version.created_at,
        )


def _by(rows: Sequence[Row], key: Callable[[Any], int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
