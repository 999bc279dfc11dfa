"""Looking for builds that others start on a build server: catches what webhooks lose."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import BuildPoll, Service
from slipway.records.rows.writing.claims import take_rows

POLL_EVERY = timedelta(seconds=60)
CLAIM_TIME = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class DuePoll:
    """A service whose builds by others are to be looked for: those since `seen_until`."""

    id: int
    service: str
    seen_until: datetime


def list_due_polls(*, now: datetime, limit: int) -> list[DuePoll]:
    """Take polls that are due, of services that let builds of others become versions. The first
    poll of a service looks at what comes from now on."""
    lacking = Service.objects.filter(build__has_key="refs", build_server__isnull=False)
    for service in lacking.filter(build_poll=None):
        BuildPoll.objects.get_or_create(
            service=service, defaults={"seen_until": now, "due_at": now}
        )
    due = BuildPoll.objects.filter(due_at__lte=now).order_by("due_at")
    taken = take_rows(due, limit, due_at=now + CLAIM_TIME)
    rows = BuildPoll.objects.filter(pk__in=taken)
    return [DuePoll(*row) for row in rows.values_list("pk", "service__name", "seen_until")]


def finish_poll(*, poll_id: int, seen_until: datetime, now: datetime) -> None:
    """All that changed until then is known here."""
    BuildPoll.objects.filter(pk=poll_id).update(
        seen_until=seen_until, due_at=now + POLL_EVERY, problem=None
    )


def put_off_poll(*, poll_id: int, problem: Refused, now: datetime) -> None:
    """The server did not say: asked again, from where we were."""
    BuildPoll.objects.filter(pk=poll_id).update(
        due_at=now + POLL_EVERY,
        problem=problem.sentence,
    )
