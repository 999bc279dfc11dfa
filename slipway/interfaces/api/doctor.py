"""What is wrong with this installation, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.refusal import Refused
from slipway.core.roles import Action
from slipway.interfaces import doors
from slipway.interfaces.api.policy import Over, permit, policy
from slipway.interfaces.api.values import answers
from slipway.records.fields.encrypted import cipher
from slipway.records.rollouts import figures

router = Router(tags=["doctor"])
LEAST_ROOM = 2 * 1024**3  # bytes
OLD_LOCK = timedelta(days=1)
NAMED = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    code: str
    ok: bool
    message: str
    hint: str = ""


class FindingOut(Schema):
    code: str
    ok: bool
    message: str
    hint: str


class Findings(Schema):
    items: list[FindingOut]


@router.get("", response=answers(Findings))
@policy(Action.MANAGE_ENVIRONMENT, Over.EVERYTHING)
def examine(request: HttpRequest) -> dict[str, object]:
    """Look at everything this installation needs."""
    permit(request, Action.MANAGE_ENVIRONMENT)
    return {"items": list(findings(timezone.now()))}


def findings(now: datetime) -> Iterator[Finding]:
    """Yield what was found, one after the other; a check that breaks is a finding too."""
    for code, look in _LOOKS:
        try:
            yield look(now)
        except (DatabaseTrouble, Refused, OSError, RuntimeError, ValueError) as error:
            yield Finding(code, False, f"This could not be looked at: {error}", "See the log.")


def _database(_now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding("database", True, f"The database answers ({connection.vendor}).")


def _migrations(_now: datetime) -> Finding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return Finding(
            "migrations",
            False,
            f"{missing} migrations are not applied.",
            "Run `slipway migrate`, then restart web and workers.",
        )
    return Finding("migrations", True, "All migrations are applied.")


def _keys(_now: datetime) -> Finding:
    cipher().encrypt(b"")
    return Finding("keys", True, "The key file is there: secrets can be kept and read.")


def _workers(_now: datetime) -> Finding:
    alive = figures.list_living_workers()
    if not alive:
        return Finding(
            "workers",
            False,
            "No worker is alive: nothing that is asked for gets done.",
            "Start one with `slipway worker`, or everything with `slipway up`.",
        )
    return Finding("workers", True, f"{len(alive)} workers are alive.")


def _store(_now: datetime) -> Finding:
    free = doors.packages().free_bytes()
    said = f"The package store has {free / 1024**3:.1f} GiB free."
    hint = "Make room, or remove versions that nobody needs."
    return Finding("store", free >= LEAST_ROOM, said, "" if free >= LEAST_ROOM else hint)


def _hosts(_now: datetime) -> Finding:
    lost = figures.list_unreachable_hosts(NAMED)
    if lost:
        return Finding(
            "hosts",
            False,
            f"Hosts that do not answer: {', '.join(lost)}.",
            "See why with `slipway host check NAME`; maintenance takes one out of rollouts.",
        )
    return Finding("hosts", True, "Every host answered when it was last asked.")


def _rollouts(now: datetime) -> Finding:
    forsaken = figures.list_forsaken_rollouts(now)
    if forsaken:
        numbers = ", ".join(str(number) for number in forsaken[:NAMED])
        return Finding(
            "rollouts",
            False,
            f"Rollouts that no worker drives: {numbers}.",
            "A worker takes them up by itself; is one running?",
        )
    return Finding("rollouts", True, "Every active rollout is driven by a worker.")


def _locks(now: datetime) -> Finding:
    old = [str(lock) for lock in figures.list_old_locks(now, OLD_LOCK)]
    if old:
        return Finding(
            "locks",
            False,
            f"Held for more than a day: {', '.join(old[:NAMED])}.",
            "Release those that are not needed: `slipway unlock SERVICE --env ENVIRONMENT`.",
        )
    return Finding("locks", True, "No lock was forgotten.")


_LOOKS: tuple[tuple[str, Callable[[datetime], Finding]], ...] = (
    ("database", _database),
    ("migrations", _migrations),
    ("keys", _keys),
    ("workers", _workers),
    ("store", _store),
    ("hosts", _hosts),
    ("rollouts", _rollouts),
    ("locks", _locks),
)
