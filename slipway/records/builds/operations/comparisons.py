"""Which commits lie between two: asked of the build server once, by a worker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from slipway.core.builds.seen import Commit
from slipway.core.builds.seen import Comparison as Found
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.builds.queries.lists import list_comparisons
from slipway.records.catalog.models import Comparison, Service
from slipway.records.rows.texts import storable
from slipway.records.rows.writing.claims import take_rows

CLAIM_TIME = timedelta(minutes=1)
ATTEMPTS_ALLOWED = 6
Pair = tuple[str, str]  # commits: base and head


@dataclass(frozen=True, slots=True)
class AskedChanges:
    """What a build server has said of two commits, or why it has not; `is_over` False: it is asked
    for still."""

    found: Found
    problem: Sentence | None
    is_over: bool


def ask_for_changes(service: str, pairs: Iterable[Pair], now: datetime) -> dict[Pair, AskedChanges]:
    """Return what is known of what lies between commits; the first time a worker is asked for it.
    Pairs that nobody can be asked for are left out."""
    wanted = dict.fromkeys((base, head) for base, head in pairs if base and head and base != head)
    asked = {(one.base, one.head): one for one in list_comparisons(service, wanted)}
    if missing := [pair for pair in wanted if pair not in asked]:
        row = Service.objects.get(name=service)
        for base, head in missing:
            if one := request_comparison(service=row, base=base, head=head, now=now):
                asked[base, head] = one
    return {pair: _asked(one) for pair, one in asked.items()}


def _asked(one: Comparison) -> AskedChanges:
    commits = tuple(map(_commit, one.commits))
    return AskedChanges(
        Found(commits, one.total, one.url), one.problem, one.finished_at is not None
    )


def _commit(kept: dict[str, str]) -> Commit:
    try:
        at = datetime.fromisoformat(kept["at"])
    except (KeyError, ValueError):
        at = None
    if at is not None and at.tzinfo is None:
        at = None
    texts = {name: kept.get(name, "") for name in ("id", "title", "author", "url")}
    return Commit(at=at, **texts)


@transaction.atomic
def request_comparison(
    *, service: Service, base: str, head: str, now: datetime
) -> Comparison | None:
    """Return what lies between two commits; the first time a worker is asked for it. None where
    there is nothing to ask: no build server, an unknown commit, twice the same."""
    if service.build_server_id is None or not base or not head or base == head:
        return None
    comparison, _ = Comparison.objects.get_or_create(
        service=service,
        base=base,
        head=head,
        defaults={"requested_at": now, "due_at": now},
    )
    return comparison


@dataclass(frozen=True, slots=True)
class ComparisonToMake:
    """Two commits of a service that a build server is to be asked about."""

    id: int
    service: str
    base: str
    head: str
    attempts: int


def list_comparisons_to_make(*, now: datetime, limit: int) -> list[ComparisonToMake]:
    """Take comparisons that wait; whoever took them for longer than a minute has died."""
    waiting = Comparison.objects.filter(due_at__lte=now).order_by("due_at")
    taken = take_rows(waiting, limit, due_at=now + CLAIM_TIME)
    columns = ("pk", "service__name", "base", "head", "attempts")
    rows = Comparison.objects.filter(pk__in=taken).values_list(*columns)
    return [ComparisonToMake(*row) for row in rows]


def finish_comparison(*, comparison_id: int, found: Found, now: datetime) -> None:
    """Write down the commits."""
    Comparison.objects.filter(pk=comparison_id).update(
        due_at=None,
        finished_at=now,
        problem=None,
        total=found.total,
        url=storable(found.url)[:2048],
        commits=[
            {
                "id": storable(commit.id)[:64],
                "title": storable(commit.title)[:500],
                "author": storable(commit.author)[:200],
                "at": commit.at.isoformat() if commit.at else "",
                "url": storable(commit.url)[:2048],
            }
            for commit in found.commits
        ],
    )


def put_off_comparison(*, comparison: ComparisonToMake, problem: Refused, now: datetime) -> None:
    """The server did not say: later, and after some attempts never."""
    attempts = comparison.attempts + 1
    is_hopeless = attempts >= ATTEMPTS_ALLOWED
    Comparison.objects.filter(pk=comparison.id).update(
        attempts=attempts,
        due_at=None if is_hopeless else now + timedelta(seconds=5 * 3**attempts),
        finished_at=now if is_hopeless else None,
        problem=problem.sentence,
    )
