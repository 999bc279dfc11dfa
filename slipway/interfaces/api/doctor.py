"""What is wrong with this installation, and what to do about it."""

import shlex
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.hosts.place_status import PlaceStatus, PlaceWord
from slipway.core.words.names import some
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence, some_of
from slipway.interfaces import doors
from slipway.interfaces.api.examined import workers
from slipway.interfaces.api.examined.certificates import certificates
from slipway.interfaces.api.examined.disks import LEAST_ROOM, disks
from slipway.interfaces.api.examined.finding import NAMED, DoctorFinding, ill, well
from slipway.interfaces.api.policy import Over, permit, policy
from slipway.interfaces.api.values import answers
from slipway.interfaces.sentences import in_json
from slipway.records.catalog.queries.servers import list_troubles_of_isolation
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask import figures, later_claims
from slipway.records.rows.encrypted import cipher
from slipway.records.rows.kept_secrets import list_kept_secrets

if TYPE_CHECKING:
    from slipway.records.fleet.models import Instance
    from slipway.records.rollouts.models import Lock

router = Router(tags=["doctor"])
OLD_LOCK = timedelta(days=1)


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


def findings(now: datetime) -> Iterator[DoctorFinding]:
    """Yield what was found, one after the other; a check that breaks is a finding too."""
    for code, look in _LOOKS:
        try:
            yield look(now)
        except (DatabaseTrouble, Refused, OSError, RuntimeError, ValueError) as error:
            template = "This could not be looked at: {error}"
            why = error.sentence if isinstance(error, Refused) else str(error)
            yield DoctorFinding(False, Sentence.of(code, template, hint="See the log.", error=why))


def _database(_now: datetime) -> DoctorFinding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return well("database", "The database answers ({vendor}).", vendor=connection.vendor)


def _migrations(_now: datetime) -> DoctorFinding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return ill(
            "migrations",
            "{count} migrations are not applied.",
            hint="Run `slipway migrate --data {data}`, then restart web and workers.",
            count=missing,
            data=shlex.quote(str(settings.DATA)),
        )
    return well("migrations", "All migrations are applied.")


def _keys(_now: datetime) -> DoctorFinding:
    cipher().encrypt(b"")
    lost = [secret.said for secret in list_kept_secrets() if not secret.is_readable]
    if lost:
        return ill(
            "keys",
            "The key file does not read what is encrypted in the database: {secrets}.",
            hint="Put back the key file of this database and restart web and workers.",
            secrets=some_of(lost, NAMED),
        )
    return well("keys", "The key file reads every secret that is kept.")


def _store(_now: datetime) -> DoctorFinding:
    free = doors.free_bytes()
    code, template = "store", "The package store has {free} GiB free."
    left = f"{free / 1024**3:.1f}"
    if free >= LEAST_ROOM:
        return well(code, template, free=left)
    return ill(code, template, hint="Make room, or remove versions that nobody needs.", free=left)


def _hosts(_now: datetime) -> DoctorFinding:
    lost = figures.list_unreachable_hosts()
    if lost:
        return ill(
            "hosts",
            "Hosts that do not answer: {hosts}.",
            hint="See why with `slipway host check NAME`; maintenance takes one out of rollouts.",
            hosts=some(lost, NAMED),
        )
    return well("hosts", "Every host answered when it was last asked.")


def _twins(_now: datetime) -> DoctorFinding:
    twins = figures.list_twins()
    if not twins:
        return well("twins", "Every host has a host key of its own.")
    return ill(
        "twins",
        "Hosts with one and the same host key, which are one machine or copies of one: {hosts}.",
        hint="Of one machine keep one host: what is placed on both overwrites one another. Give a"
        " copy host keys of its own: remove /etc/ssh/ssh_host_*, run ssh-keygen -A, restart sshd.",
        hosts=some([some(names, NAMED) for names in twins], NAMED, "; "),
    )


def _drift(now: datetime) -> DoctorFinding:
    odd = figures.list_odd_instances(now, PlaceWord.DRIFTED)
    if odd:
        return _as_places_say("drift", "Instances have drifted: {instances}.", odd)
    unread = figures.list_unread_instances(now)
    if unread:
        return ill(
            "drift",
            "Of these instances nobody knows whether their files are as they were released: "
            "{instances}.",
            hint="Look at the disks and the load of their hosts.",
            instances=some_of([_odd(*each) for each in unread], NAMED),
        )
    return well("drift", "Every instance is as it was released.")


def _dead(now: datetime) -> DoctorFinding:
    odd = figures.list_odd_instances(now, PlaceWord.ILL)
    if odd:
        return _as_places_say("instances", "Instances are ill: {instances}.", odd)
    return well("instances", "Every instance that should run does.")


def _as_places_say(
    code: str, template: str, odd: "list[tuple[Instance, PlaceStatus]]"
) -> DoctorFinding:
    """Return a finding whose advice is that of the places themselves, of the first one whole."""
    instances = some_of([_odd(*each) for each in odd], NAMED)
    why = odd[0][1].why
    advice = why.advice if why else None
    if len(odd) == 1:
        return ill(code, template, hint="{advice}", instances=instances, advice=advice)
    hint = "{advice} Likewise for the others: `slipway instance list`."
    return ill(code, template, hint=hint, instances=instances, advice=advice)


def _odd(instance: "Instance", status: PlaceStatus) -> Sentence:
    return Sentence.of("odd", "{instance} ({why})", instance=instance.said, why=status.why)


def _rollouts(now: datetime) -> DoctorFinding:
    forsaken = figures.list_forsaken_rollouts(now)
    if forsaken:
        return ill(
            "rollouts",
            "Rollouts that no worker drives: {numbers}.",
            hint="A worker takes them up by itself; is one running?",
            numbers=some([str(number) for number in forsaken], NAMED),
        )
    return well("rollouts", "Every active rollout is driven by a worker.")


def _locks(now: datetime) -> DoctorFinding:
    old = figures.list_old_locks(now, OLD_LOCK)
    if old:
        return ill(
            "locks",
            "Held for more than a day: {locks}.",
            hint="Release those that are not needed: `slipway unlock SERVICE --env ENVIRONMENT`.",
            locks=some_of([_lock(lock) for lock in old], NAMED),
        )
    return well("locks", "No lock was forgotten.")


def _claims(_now: datetime) -> DoctorFinding:
    known = later_claims.find()
    if not known:
        return well("claims", "No host knows a later claim than ours.")
    told = known.told(NAMED)
    return ill("claims", "{told}", hint="{advice}", told=told, advice=told.advice)


def _builds(_now: datetime) -> DoctorFinding:
    troubles = list_troubles_of_isolation()
    if troubles:
        told = troubles[0]
        return ill("builds", "{told}", hint="{advice}", told=told, advice=told.advice)
    return well("builds", "No worker has said that builds by command are not kept apart.")


def _approvals(_now: datetime) -> DoctorFinding:
    closed = [each.name for each in list_environments() if each.approvals_needed]
    if closed:
        return ill(
            "approvals",
            "Closed, as they ask for approvals that cannot be given yet: {environments}.",
            hint="Open each again: slipway env change {environment} --approvals 0",
            environments=some(closed, NAMED),
            environment=closed[0],
        )
    return well("approvals", "No environment asks for approvals that cannot be given.")


def _lock(lock: "Lock") -> Sentence:
    template = "lock on {service} in {environment}"
    return Sentence.of("lock", template, service=lock.service, environment=lock.environment)


_LOOKS: tuple[tuple[str, Callable[[datetime], DoctorFinding]], ...] = (
    ("database", _database),
    ("migrations", _migrations),
    ("keys", _keys),
    ("workers", workers.living),
    ("versions", workers.versions),
    ("clocks", workers.clocks),
    ("store", _store),
    ("disks", disks),
    ("hosts", _hosts),
    ("twins", _twins),
    ("drift", _drift),
    ("instances", _dead),
    ("rollouts", _rollouts),
    ("leases", workers.leases),
    ("locks", _locks),
    ("claims", _claims),
    ("builds", _builds),
    ("approvals", _approvals),
    ("certificates", certificates),
)
