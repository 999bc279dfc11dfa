"""Letting packages go: who asks for it, and how it is written down, before any byte is removed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record, record_of
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.catalog.queries.services import uploaded_package
from slipway.records.releasing.models import RetentionRun
from slipway.records.releasing.retention import may_go

CLAIM_TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that a worker has taken, of one service or of all (""), and who asked for it."""

    id: int
    service: str
    by: Actor


@transaction.atomic
def request_retention_run(*, service: Service | None, by: Actor, now: datetime) -> RetentionRun:
    """Have the packages of `service`, or of all services, looked at now instead of once a day.

    Who asks again before anybody has begun gets the same run. Raises Forbidden.
    """
    by.require(Action.MANAGE_SERVICE, service=service.name if service else "")
    waiting = RetentionRun.objects.filter(claimed_at=None, finished_at=None, service=service)
    if (found := waiting.select_related("service", "requested_by").first()) is not None:
        return found
    run = RetentionRun(service=service, requested_at=now, requested_by=by.user)
    run.save(force_insert=True)
    record_of("retention.requested", run, by=by, now=now)
    return run


def begin_daily_run(*, now: datetime) -> None:
    """Write down the wish for the run of this day (UTC), once, however many workers there are."""
    if not RetentionRun.objects.filter(day=now.date()).exists():
        RetentionRun.objects.get_or_create(day=now.date(), defaults={"requested_at": now})


def claim_retention_run(*, worker: str, now: datetime) -> ClaimedRun | None:
    """Take a run that waits, or whose worker was not heard of for ten minutes; None: there is
    none. One UPDATE, so two workers cannot both win."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_TIME)
    waiting = RetentionRun.objects.filter(free, finished_at=None)
    for pk in waiting.order_by("requested_at").values_list("pk", flat=True)[:5]:
        if waiting.filter(pk=pk).update(claimed_by=worker, claimed_at=now):
            run = RetentionRun.objects.select_related("service", "requested_by").get(pk=pk)
            person = run.requested_by
            by = Actor(person, person.get_username()) if person else Actor.system()
            return ClaimedRun(pk, run.service.name if run.service else "", by)
    return None


@transaction.atomic
def let_go(*, package_id: int, by: Actor, now: datetime) -> str | None:
    """Write down that a package is not kept any more, and return its sha256: its bytes may be
    removed. None when something needs it now, or when it was let go before.

    The package is held while it is asked once more: a rollout that starts, or an upload of the same
    bytes, comes before and is seen, or comes after and sees.
    """
    held = Package.objects.select_for_update(no_key=True).filter(pk=package_id, removed_at=None)
    package = held.first()
    if package is None or not may_go(package):
        return None
    package.removed_at = now
    package.save(update_fields=["removed_at"])
    versions: dict[str, list[Version]] = {}
    rows = Version.objects.filter(package=package).select_related("service", "package")
    for version in rows.order_by("id"):
        versions.setdefault(version.service.name, []).append(version)
    for service, of_service in versions.items():
        record(
            "package.removed",
            "package",
            package.pk,
            package.sha256,
            by=by,
            now=now,
            after=_gone(of_service),
            service=service,
        )
    return package.sha256


def _gone(versions: list[Version]) -> dict[str, object]:
    uploaded = [ref for ref in map(uploaded_package, versions) if ref]
    filenames = dict.fromkeys(ref.filename for ref in uploaded)
    return {
        "versions": [version.name for version in versions],
        "size": uploaded[0].size,
        "filename": ", ".join(filenames),
    }


def note_removed(*, run_id: int, worker: str, freed_bytes: int, now: datetime) -> bool:
    """Count one more package that was let go; returns whether the run still is this worker's."""
    mine = RetentionRun.objects.filter(pk=run_id, claimed_by=worker, finished_at=None)
    return bool(
        mine.update(
            packages=F("packages") + 1,
            freed_bytes=F("freed_bytes") + freed_bytes,
            claimed_at=now,
        )
    )


def finish_retention_run(
    *, run_id: int, worker: str, now: datetime, problem: Refused | None = None, left_over: int = 0
) -> None:
    """End a run. `left_over`: bytes freed of what earlier runs had left in the store."""
    RetentionRun.objects.filter(pk=run_id, claimed_by=worker, finished_at=None).update(
        finished_at=now,
        freed_bytes=F("freed_bytes") + left_over,
        problem=problem.sentence if problem else None,
    )
