"""The decision of a build: from what is known of it now, the one next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slipway.core.builds.state import BuildStage, BuildState, SeenStatus
from slipway.core.words.durations import format_duration
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus

STARTS_ALLOWED = 3  # before we say that the server takes no order
SEARCH_EVERY = timedelta(seconds=2)
LOOK_EVERY = timedelta(seconds=3)
LATE_LOOK_EVERY = timedelta(minutes=1)
LATE_TIME = timedelta(hours=24)  # how long after its end a success is still noticed
FETCHES_ALLOWED = 8  # in a row without an answer
TROUBLE_PAUSES = (2, 4, 8, 15, 30, 60)  # seconds, after the first, second … trouble in a row
_CANCELLED = Sentence.of("build_cancelled", "It was cancelled.")
_CANCELLED_THERE = Sentence.of("build_cancelled_there", "It was cancelled on the build server.")
_FAILED_THERE = Sentence.of("build_failed_there", "It failed on the build server.")
_NOT_FETCHED = Sentence.of(
    "package_not_fetched", "It ended well, and its package could not be fetched."
)


@dataclass(frozen=True, slots=True)
class StartBuild:
    """Say first that it is ordered, then order it."""


@dataclass(frozen=True, slots=True)
class Search:
    """It may have been started: look for it before anything is started again."""


@dataclass(frozen=True, slots=True)
class LookAtBuild:
    """Ask how far it is."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Bring its package here."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End it on its server."""


@dataclass(frozen=True, slots=True)
class Finish:
    """It is over, and why."""

    status: VersionStatus
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is ever to be done again."""


Decision = StartBuild | Search | LookAtBuild | Fetch | Cancel | Finish | Wait | Rest


def decide(build: BuildState, now: datetime) -> Decision:
    """Return the one next step. Asked again after everything that happens."""
    if build.stage is BuildStage.OVER:
        return _after_the_end(build, now)
    if build.stage is BuildStage.FETCHING or build.has_succeeded:
        return _fetching(build, now)  # it has ended: the limit is not for its package
    if build.stage is BuildStage.WATCHED and build.has_ended_badly:
        return _ended_there(build)
    if ending := _untimely_end(build, now):
        return ending
    if build.retry_at is not None and now < build.retry_at:
        return Wait(min(build.retry_at, build.deadline_at))
    match build.stage:
        case BuildStage.WANTED:
            return StartBuild()
        case BuildStage.ORDERED:
            return _ordered(build, now)
        case _:
            return _watched(build, now)


def _untimely_end(build: BuildState, now: datetime) -> Decision | None:
    """A person's wish, or the limit of its time. What may run on the server is ended there first;
    when the server does not answer, the build is over all the same after a while."""
    wished_at = build.cancel_wished_at or (build.deadline_at if now >= build.deadline_at else None)
    if wished_at is None:
        return None
    if not _is_settled(build, wished_at):
        if build.retry_at is not None and now < build.retry_at:
            return Wait(build.retry_at)
        if build.stage is BuildStage.ORDERED:
            again_at = (build.looked_at or wished_at) + SEARCH_EVERY
            is_early = build.looked_at is not None and now < again_at
            return Wait(again_at) if is_early else Search()
        # We may have been away, and it may have ended at the same time: how it ended over there
        # is what counts. So it is looked at before, and once more behind (see happen.py).
        if not build.ours and build.cancel_wished_at is None:
            return LookAtBuild()
        return (
            Cancel() if build.has_asked_since(wished_at) and not build.cancelled else LookAtBuild()
        )
    if build.cancel_wished_at is not None:
        return Finish(VersionStatus.FAILED, _CANCELLED)
    limit = format_duration(build.deadline_at - build.created_at)
    late = Sentence.of("build_timeout", "It did not end within {limit}.", limit=limit)
    return Finish(VersionStatus.TIMEOUT, late)


def _is_settled(build: BuildState, wished_at: datetime) -> bool:
    """Whether nothing of it runs on the server, as far as can be said."""
    if build.trouble >= len(TROUBLE_PAUSES) or build.stage is BuildStage.WANTED:
        return True
    if build.stage is BuildStage.ORDERED:  # looked for long enough after the wish, and not there
        enough_at = max(wished_at, (build.ordered_at or wished_at) + build.search_time)
        return build.answered_at is not None and build.answered_at >= enough_at
    if build.cancelled:
        return build.has_asked_since(wished_at)
    is_theirs = not build.ours and build.cancel_wished_at is None
    return is_theirs and build.trouble == 0 and build.has_asked_since(wished_at)


def _ordered(build: BuildState, now: datetime) -> Decision:
    """It may have been started. Only a search that was answered after enough time says that it was
    not, and then it is ordered again."""
    ordered_at = build.ordered_at or build.created_at
    enough_at = ordered_at + build.search_time
    if build.answered_at is not None and build.answered_at >= enough_at:
        if build.starts < STARTS_ALLOWED:
            return StartBuild()
        untaken = Sentence.of(
            "build_not_taken", "The build server took none of {count} orders.", count=build.starts
        )
        return Finish(VersionStatus.FAILED, untaken)
    if build.looked_at is None or build.looked_at < ordered_at:
        return Search()
    again_at = build.looked_at + SEARCH_EVERY
    return Search() if now >= again_at else Wait(min(again_at, build.deadline_at))


def _ended_there(build: BuildState) -> Finish:
    if build.cancel_wished_at is not None:
        return Finish(VersionStatus.FAILED, _CANCELLED)
    if build.seen is SeenStatus.CANCELLED:
        return Finish(VersionStatus.FAILED, _CANCELLED_THERE)
    return Finish(VersionStatus.FAILED, _FAILED_THERE)


def _watched(build: BuildState, now: datetime) -> Decision:
    if build.looked_at is None:
        return LookAtBuild()
    again_at = build.looked_at + LOOK_EVERY
    return LookAtBuild() if now >= again_at else Wait(min(again_at, build.deadline_at))


def _fetching(build: BuildState, now: datetime) -> Decision:
    if build.cancel_wished_at is not None:
        return Finish(VersionStatus.FAILED, _CANCELLED)
    if build.trouble >= FETCHES_ALLOWED:
        return Finish(VersionStatus.FAILED, _NOT_FETCHED)
    if build.retry_at is not None and now < build.retry_at:
        return Wait(build.retry_at)
    return Fetch()


def _after_the_end(build: BuildState, now: datetime) -> Decision:
    """A success after `timeout` or `failed` (retried over there) is written down, and offered."""
    ended_badly = build.status in (VersionStatus.TIMEOUT, VersionStatus.FAILED)
    was_well = build.seen is SeenStatus.SUCCESS  # then its package was the trouble
    if not ended_badly or build.late or was_well or not build.external_id or not build.finished_at:
        return Rest()
    if now >= build.finished_at + LATE_TIME:
        return Rest()
    last = max(build.looked_at or build.finished_at, build.finished_at)
    # Less and less often: what did not come within minutes may come when somebody retries it.
    pause = max(LATE_LOOK_EVERY, (last - build.finished_at) / 4)
    again_at = max(last + pause, build.retry_at or last)
    return LookAtBuild() if now >= again_at else Wait(again_at)


def pause_after(trouble: int) -> timedelta:
    """Return how long to wait after so many failed questions in a row (1: the first)."""
    return timedelta(seconds=TROUBLE_PAUSES[min(trouble, len(TROUBLE_PAUSES)) - 1])


def duplicate_of(commit: str, others: Sequence[tuple[str, str, VersionStatus]]) -> str | None:
    """Return the name of the version that this build would only make again, or None.

    `others`: (name, commit, status) of the service's versions, without the asker. `commit` may be
    the first digits of one.
    """
    if not commit:
        return None
    wanted = (VersionStatus.SUCCESS, VersionStatus.BUILDING, VersionStatus.PENDING)
    found = [
        (wanted.index(s), name) for name, c, s in others if c.startswith(commit) and s in wanted
    ]
    return min(found)[1] if found else None
