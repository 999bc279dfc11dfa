"""One story for the pictures of the documents: a company on the evening of a release."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from slipway.core.builds.state import SeenStatus
from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.catalog.operations.services import create_service
from slipway.records.fleet.models import Environment, Host, HostState, Instance
from slipway.records.fleet.operations.environments import create_environment
from slipway.records.rollouts.models import Target
from slipway.records.rollouts.operations.locks import lock_service
from tests.interfaces.conftest import make_company
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.building import BuildDrive, build_with_gitlab
from tests.interfaces.web.driving import Drive

TITLES = (
    "Round half to even",
    "Connection pool 20 → 40",
    "Refunds: new ledger",
    "Retry callbacks with backoff",
)
VERSIONS = (
    "20261120T101502-main-1a2b3c4",
    "20261123T101502-main-9e49b89",
    "20261126T101502-main-a69c1cd",
    "20261128T101502-main-4f1c2d9",
)
OTHERS = ("gateway", "inventory", "order-service", "search-api", "settlement", "web-portal")
PROD = tuple(f"sh-{number:03}" for number in range(1, 17))
STAGING = ("stg-01", "stg-02")
DEV = ("dev-1", "dev-2")
LOG = (
    "\x1b[36mGetting source from Git repository\x1b[0m",
    "\x1b[32m$ make test\x1b[0m",
    *(
        f"ok\tshop/billing/{name}\tcoverage: {part} %"
        for name, part in (("api", 78.6), ("ledger", 90.4), ("invoice", 79.6), ("tax", 94.5))
    ),
    "\x1b[33mwarning: 2 tests were skipped\x1b[0m",
    "\x1b[32m$ make package\x1b[0m",
    *(f"go build -trimpath -o bin/part{number:02} ./cmd/part{number:02}" for number in range(1, 9)),
    "\x1b[32m$ tar -czf dist/app.tar.gz bin slipway.yaml\x1b[0m",
)


@dataclass(frozen=True)
class Story:
    """The addresses that its pictures show."""

    board: str
    plan: str
    build: str


def make_story() -> Story:
    make_company()
    now, system = timezone.now(), Actor.system()
    create_environment(name="staging", order=20, by=system, now=now)
    Environment.objects.filter(name="prod").update(bake_time=timedelta(minutes=5))
    fleet.add_hosts("prod", *PROD)
    fleet.add_hosts("staging", *STAGING)
    fleet.add_hosts("dev", "dev-2")
    fleet.reach_hosts(*DEV, *STAGING, *PROD)
    alice = person("alice", ("deployer", "", ""))
    person("liwei", ("admin", "", ""))
    _run_billing(alice)
    _run_others(alice)
    build = _build(alice)
    Host.objects.filter(name=PROD[-1]).update(
        state=HostState.UNREACHABLE, problem=Sentence.of("refused", "Port 22 refuses.")
    )
    plan = f"service=settlement&environment=prod&kind=upgrade&version={VERSIONS[1]}"
    return Story(f"/rollouts/{_upgrade(alice)}", f"/rollouts/new?{plan}", build)


def _run_billing(alice: Person) -> None:
    _make_versions("billing", VERSIONS)
    system, port = Actor.system(), 8080
    fleet.run(system, "deploy", "billing", "dev", VERSIONS[3], hosts=DEV, port=port)
    fleet.run(system, "deploy", "billing", "staging", VERSIONS[2], hosts=STAGING, port=port)
    fleet.run(system, "deploy", "billing", "prod", VERSIONS[0], hosts=PROD[:14], port=port)
    fleet.run(alice.actor, "upgrade", "billing", "prod", VERSIONS[1])
    for number, target in enumerate(Target.objects.filter(state="succeeded").order_by("pk")):
        assert target.started_at is not None
        took = timedelta(seconds=18 + number * 7 % 27)
        Target.objects.filter(pk=target.pk).update(finished_at=target.started_at + took)


def _run_others(alice: Person) -> None:
    now, system = timezone.now(), Actor.system()
    for number, name in enumerate(OTHERS):
        create_service(
            name=name,
            language=("go", "java", "python")[number % 3],
            spec={"run": "./bin/app --port ${PORT}"},
            by=system,
            now=now,
        )
        Service.objects.filter(name=name).update(labels={"team": ("base", "trade")[number % 2]})
        _make_versions(name, VERSIONS[:2])
        port, newer = 8100 + number, VERSIONS[number % 2]
        fleet.run(system, "deploy", name, "dev", VERSIONS[1], hosts=DEV, port=port)
        fleet.run(system, "deploy", name, "staging", newer, hosts=STAGING, port=port)
        hosts = PROD[: 5 + 2 * number]
        fleet.run(alice.actor, "deploy", name, "prod", VERSIONS[0], hosts=hosts, port=port)
    lock_service(
        service=Service.objects.get(name="gateway"),
        environment=Environment.objects.get(name="prod"),
        reason="Load test: ask Li Wei first",
        until=None,
        by=alice.actor,
        now=now,
    )
    Instance.objects.filter(service__name="search-api", host__name=PROD[0]).update(healthy=False)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "inventory", "prod", VERSIONS[1]))
    canary = drive.targets()[0]
    drive.start(canary)
    drive.fail(canary, "{place}: GET /health → 503: disk space below threshold")
    drive.close(End.TAKEN_BACK, halted=Cause.VERSION)


def _make_versions(service: str, names: tuple[str, ...]) -> None:
    for number, name in enumerate(names):
        version = fleet.make_version(service, name)
        made = timezone.now() - timedelta(hours=30 - 6 * number)
        Version.objects.filter(pk=version.pk).update(
            description=TITLES[number], commit=name[-7:], created_at=made
        )


def _build(alice: Person) -> str:
    """Let shop be built just now; returns the address of what is to come of it."""
    build_with_gitlab("shop")
    drive = BuildDrive.ask("shop", alice.actor, ref="main")
    drive.start()
    drive.see(SeenStatus.RUNNING, says="job package is running")
    drive.say("\n".join(LOG) + "\n")
    return drive.page


def _upgrade(alice: Person) -> int:
    """Return the number of an upgrade in its second batch, with a host that did not make it."""
    wanted = ("upgrade", "billing", "prod", VERSIONS[2])
    drive = Drive.take(fleet.begin(alice.actor, *wanted, reason="Refunds, CHG-20411"))
    canary, *others = drive.targets()
    drive.start(canary)
    drive.succeed(canary)
    at_work = [target for target in others if target.batch == others[0].batch]
    drive.start(*at_work)
    drive.succeed(at_work[0])
    drive.fail(at_work[1], f"{{place}}: {VERSIONS[2]} did not become healthy. It said: HTTP 503.")
    drive.step(at_work[2], ("receipt", "switch"), "restart")
    return drive.value.number
