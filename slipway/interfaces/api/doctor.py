"""What is wrong with this installation, and what to do about it."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.place_status import PlaceStatus, PlaceWord
from slipway.core.refusal import Refused
from slipway.core.roles import Action
from slipway.core.sentence import Sentence
from slipway.interfaces import doors
from slipway.interfaces.api.policy import Over, permit, policy
from slipway.interfaces.api.values import answers
from slipway.interfaces.sentences import in_json
from slipway.records.catalog.queries import list_troubles_of_isolation
from slipway.records.fields.encrypted import cipher
from slipway.records.fields.kept_secrets import list_kept_secrets
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts import figures, later_claims

if TYPE_CHECKING:
    from slipway.records.fleet.models import Instance
    from slipway.records.rollouts.models import Lock

router = Router(tags=["doctor"])
LEAST_ROOM = 2 * 1024**3  # bytes
OLD_LOCK = timedelta(days=1)
NAMED = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `said` has its code."""

    ok: bool
    said: Sentence

    @property
    def code(self) -> str:
        return self.said.code


class FindingOut(Schema):
    code: str
    ok: bool
    message: str
    hint: str
    values: dict[str, Any]


class Findings(Schema):
    items: list[FindingOut]


@router.get("", response=answers(Findings))
@policy(Action.MANAGE_ENVIRONMENT, Over.EVERYTHING)
def examine(request: HttpRequest) -> dict[str, object]:
    """Look at everything this installation needs."""
    permit(request, Action.MANAGE_ENVIRONMENT)
    found = findings(timezone.now())
    return {"items": [{"ok": finding.ok, **in_json(finding.said)} for finding in found]}


def findings(now: datetime) -> Iterator[Finding]:
    """Yield what was found, one after the other; a check that breaks is a finding too."""
    for code, look in _LOOKS:
        try:
            yield look(now)
        except (DatabaseTrouble, Refused, OSError, RuntimeError, ValueError) as error:
            template = "This could not be looked at: {error}"
            yield Finding(False, Sentence.of(code, template, hint="See the log.", error=str(error)))


def _database(_now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return _well("database", "The database answers ({vendor}).", vendor=connection.vendor)


def _migrations(_now: datetime) -> Finding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return _ill(
            "migrations",
            "{count} migrations are not applied.",
            hint="Run `slipway migrate --data {data}`, then restart web and workers.",
            count=missing,
            data=shlex.quote(str(settings.DATA)),
        )
    return _well("migrations", "All migrations are applied.")


def _keys(_now: datetime) -> Finding:
    cipher().encrypt(b"")
    lost = [str(secret) for secret in list_kept_secrets() if not secret.is_readable]
    if lost:
        return _ill(
            "keys",
            "The key file does not read what is encrypted in the database: {secrets}.",
            hint="Put back the key file of this database and restart web and workers.",
            secrets="; ".join(lost[:NAMED]),
        )
    return _well("keys", "The key file reads every secret that is kept.")


def _workers(_now: datetime) -> Finding:
    alive = figures.list_living_workers()
    if not alive:
        return _ill(
            "workers",
            "No worker is alive: nothing that is asked for gets done.",
            hint="Start one with `slipway worker`, or everything with `slipway up`.",
        )
    if len(alive) == 1:
        return _well("workers", "1 worker is alive.")
    return _well("workers", "{count} workers are alive.", count=len(alive))


def _store(_now: datetime) -> Finding:
    free = doors.packages().free_bytes()
    code, template = "store", "The package store has {free} GiB free."
    left = f"{free / 1024**3:.1f}"
    if free >= LEAST_ROOM:
        return _well(code, template, free=left)
    return _ill(code, template, hint="Make room, or remove versions that nobody needs.", free=left)


def _hosts(_now: datetime) -> Finding:
    lost = figures.list_unreachable_hosts(NAMED)
    if lost:
        return _ill(
            "hosts",
            "Hosts that do not answer: {hosts}.",
            hint="See why with `slipway host check NAME`; maintenance takes one out of rollouts.",
            hosts=", ".join(lost),
        )
    return _well("hosts", "Every host answered when it was last asked.")


def _drift(now: datetime) -> Finding:
    odd = figures.list_odd_instances(now, PlaceWord.DRIFTED, NAMED)
    if odd:
        return _ill(
            "drift",
            "Instances have drifted: {instances}.",
            hint="See `slipway instance list`, then bring them back: "
            "`slipway apply SERVICE --env ENVIRONMENT --hosts HOST`.",
            instances=Sentence.listed(*(_odd(*each) for each in odd)),
        )
    unread = figures.list_unread_instances(now, NAMED)
    if unread:
        return _ill(
            "drift",
            "Of these instances nobody knows whether their files are as they were released: "
            "{instances}.",
            hint="Look at the disks and the load of their hosts.",
            instances=Sentence.listed(*(_odd(*each) for each in unread)),
        )
    return _well("drift", "Every instance is as it was released.")


def _dead(now: datetime) -> Finding:
    odd = figures.list_odd_instances(now, PlaceWord.ILL, NAMED)
    if odd:
        return _ill(
            "instances",
            "Instances are ill: {instances}.",
            hint="Read their logs, then `slipway restart SERVICE --env ENVIRONMENT --hosts HOST`.",
            instances=Sentence.listed(*(_odd(*each) for each in odd)),
        )
    return _well("instances", "Every instance that should run does.")


def _odd(instance: "Instance", status: PlaceStatus) -> Sentence:
    return Sentence.of("odd", "{instance} ({why})", instance=str(instance), why=status.why)


def _rollouts(now: datetime) -> Finding:
    forsaken = figures.list_forsaken_rollouts(now)
    if forsaken:
        return _ill(
            "rollouts",
            "Rollouts that no worker drives: {numbers}.",
            hint="A worker takes them up by itself; is one running?",
            numbers=", ".join(str(number) for number in forsaken[:NAMED]),
        )
    return _well("rollouts", "Every active rollout is driven by a worker.")


def _locks(now: datetime) -> Finding:
    old = figures.list_old_locks(now, OLD_LOCK)
    if old:
        return _ill(
            "locks",
            "Held for more than a day: {locks}.",
            hint="Release those that are not needed: `slipway unlock SERVICE --env ENVIRONMENT`.",
            locks=Sentence.listed(*(_lock(lock) for lock in old[:NAMED])),
        )
    return _well("locks", "No lock was forgotten.")


def _claims(_now: datetime) -> Finding:
    known = later_claims.find()
    if not known:
        return _well("claims", "No host knows a later claim than ours.")
    told = known.told(NAMED)
    return _ill("claims", "{told}", hint="{advice}", told=told, advice=told.advice)


def _builds(_now: datetime) -> Finding:
    troubles = list_troubles_of_isolation()
    if troubles:
        told = troubles[0]
        return _ill("builds", "{told}", hint="{advice}", told=told, advice=told.advice)
    return _well("builds", "No worker has said that builds by command are not kept apart.")


def _approvals(_now: datetime) -> Finding:
    closed = [each.name for each in list_environments() if each.approvals_needed]
    if closed:
        return _ill(
            "approvals",
            "Closed, as they ask for approvals that cannot be given yet: {environments}.",
            hint="Open each again: slipway env change {environment} --approvals 0",
            environments=", ".join(closed[:NAMED]),
            environment=closed[0],
        )
    return _well("approvals", "No environment asks for approvals that cannot be given.")


def _lock(lock: "Lock") -> Sentence:
    template = "lock on {service} in {environment}"
    return Sentence.of("lock", template, service=lock.service, environment=lock.environment)


def _well(code: str, template: str, **values: Any) -> Finding:
    return Finding(True, Sentence.of(code, template, **values))


def _ill(code: str, template: str, *, hint: str, **values: Any) -> Finding:
    return Finding(False, Sentence.of(code, template, hint=hint, **values))


_LOOKS: tuple[tuple[str, Callable[[datetime], Finding]], ...] = (
    ("database", _database),
    ("migrations", _migrations),
    ("keys", _keys),
    ("workers", _workers),
    ("store", _store),
    ("hosts", _hosts),
    ("drift", _drift),
    ("instances", _dead),
    ("rollouts", _rollouts),
    ("locks", _locks),
    ("claims", _claims),
    ("builds", _builds),
    ("approvals", _approvals),
)
