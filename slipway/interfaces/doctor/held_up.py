"""What is held up, and what holds it: rollouts, locks, claims, builds, environments."""

from datetime import datetime, timedelta

from slipway.core.words.names import some
from slipway.core.words.sentence import Sentence, some_of
from slipway.interfaces.doctor.verdicts import NAMED, DoctorFinding, ill, well
from slipway.records.catalog.queries.servers import list_troubles_of_isolation
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask import figures, later_claims

OLD_LOCK = timedelta(days=1)


def rollouts(now: datetime) -> DoctorFinding:
    forsaken = figures.list_forsaken_rollouts(now)
    if forsaken:
        return ill(
            "rollouts",
            "Rollouts that no worker drives: {numbers}.",
            hint="A worker takes them up by itself; is one running?",
            numbers=some([str(number) for number in forsaken], NAMED),
        )
    return well("rollouts", "Every active rollout is driven by a worker.")


def locks(now: datetime) -> DoctorFinding:
    old = figures.list_old_locks(now, OLD_LOCK)
    if old:
        template = "lock on {service} in {environment}"
        said = [
            Sentence.of("lock", template, service=lock.service, environment=lock.environment)
            for lock in old
        ]
        return ill(
            "locks",
            "Held for more than a day: {locks}.",
            hint="Release those that are not needed: `slipway unlock SERVICE --env ENVIRONMENT`.",
            locks=some_of(said, NAMED),
        )
    return well("locks", "No lock was forgotten.")


def claims(_now: datetime) -> DoctorFinding:
    known = later_claims.find()
    if not known:
        return well("claims", "No host knows a later claim than ours.")
    told = known.told(NAMED)
    return ill("claims", "{told}", hint="{advice}", told=told, advice=told.advice)


def builds(_now: datetime) -> DoctorFinding:
    troubles = list_troubles_of_isolation()
    if troubles:
        told = troubles[0]
        return ill("builds", "{told}", hint="{advice}", told=told, advice=told.advice)
    return well("builds", "No worker has said that builds by command are not kept apart.")


def approvals(_now: datetime) -> DoctorFinding:
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
