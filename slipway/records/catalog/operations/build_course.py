"""What the worker writes down while it drives a build. Every write carries the worker's claim."""

from datetime import datetime, timedelta

from django.db import transaction

from slipway.core.builds.decide import BuildStage, SeenStatus, pause_after
from slipway.core.builds.seen import LogPiece, SeenBuild
from slipway.core.release.packages import StoredPackage
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.ports.builds import ServerTrouble
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record
from slipway.records.catalog.models import Build, BuildLogPart, Service, Version
from slipway.records.catalog.operations.build_claims import held
from slipway.records.catalog.operations.build_endings import (
    end_as_duplicate,
    end_with_package,
    end_without_package,
)
from slipway.records.catalog.operations.builds import find_duplicate, name_version
from slipway.records.rows.texts import storable
from slipway.records.rows.uniqueness import refused_if_taken

LONGEST_LOG = 4 * 1024**2  # characters; what comes behind is on the build server
CUT = "\n[… the log goes on on the build server …]\n"


class KnownAlready(Refused):
    """Another build here stands for the same one there."""

    code = "build_known_already"


@transaction.atomic
def note_commit(*, build_id: int, claim: int, commit: str, now: datetime) -> bool:
    """This is the commit that is built, whatever was known before. Returns False when the build
    ends as a duplicate by that."""
    build = held(build_id, claim)
    version = build.version
    Service.objects.select_for_update().get(pk=version.service_id)
    if commit and commit != version.commit:
        _set_commit(version, commit)
        if not build.forced and (other := find_duplicate(version)) is not None:
            end_as_duplicate(build, other, now)
            return False
    return True


@transaction.atomic
def note_ordered(*, build_id: int, claim: int, now: datetime) -> None:
    """It is about to be started: written down first, so that after a crash it is looked for."""
    build = held(build_id, claim)
    build.stage, build.ordered_at, build.starts = BuildStage.ORDERED, now, build.starts + 1
    build.save(update_fields=["stage", "ordered_at", "starts"])
    _mark_building(build)


@transaction.atomic
def note_unsure(*, build_id: int, claim: int, now: datetime) -> None:
    """Nobody answered the order: from now on it is looked for, long enough."""
    build = held(build_id, claim)
    build.ordered_at = now
    build.save(update_fields=["ordered_at"])


@transaction.atomic
def note_not_started(*, build_id: int, claim: int) -> None:
    """Nothing of the order reached the server: the next one need not be looked for."""
    build = held(build_id, claim)
    build.stage, build.starts = BuildStage.WANTED, build.starts - 1
    build.save(update_fields=["stage", "starts"])


@transaction.atomic
def note_started(*, build_id: int, claim: int, external_id: str, url: str, now: datetime) -> None:
    """The server calls it so. Raises KnownAlready."""
    build = held(build_id, claim)
    build.stage, build.external_id = BuildStage.WATCHED, storable(external_id)[:512]
    build.trouble, build.retry_at, build.problem = 0, None, None
    build.looked_at = None
    with refused_if_taken(_known(build)):
        build.save()
    _mark_building(build, url)


@transaction.atomic
def note_nothing_found(*, build_id: int, claim: int, now: datetime) -> None:
    """The server answered, and knows no build of ours. Why the order went wrong stays known."""
    build = held(build_id, claim)
    build.looked_at, build.trouble, build.retry_at = now, 0, None
    build.save(update_fields=["looked_at", "trouble", "retry_at"])


@transaction.atomic
def note_seen(*, build_id: int, claim: int, seen: SeenBuild, now: datetime) -> bool:
    """The server says how far it is. Returns False when the build ends as a duplicate by that.
    Raises KnownAlready."""
    build = held(build_id, claim)
    is_over = build.stage == BuildStage.OVER
    build.external_id = storable(seen.id)[:512]
    build.seen, build.says, build.looked_at = seen.status, seen.says, now
    build.trouble, build.retry_at, build.problem = 0, None, None
    if is_over and seen.status is SeenStatus.SUCCESS and build.late_at is None:
        build.late_at = now
        _tell_late(build, now)
    with refused_if_taken(_known(build)):
        build.save()
    if is_over:
        return True
    _mark_building(build, seen.url)
    if not seen.commit or seen.commit == build.version.commit:
        return True
    return note_commit(build_id=build_id, claim=claim, commit=seen.commit, now=now)


@transaction.atomic
def note_fetching(*, build_id: int, claim: int) -> None:
    build = held(build_id, claim)
    build.stage = BuildStage.FETCHING
    build.save(update_fields=["stage"])


@transaction.atomic
def note_cancelled(*, build_id: int, claim: int, now: datetime) -> None:
    """The server has taken the wish that it ends. It may have ended just before: look again."""
    build = held(build_id, claim)
    build.cancelled, build.trouble, build.retry_at, build.looked_at = True, 0, None, None
    build.save(update_fields=["cancelled", "trouble", "retry_at", "looked_at"])


@transaction.atomic
def note_trouble(*, build_id: int, claim: int, problem: Refused, now: datetime) -> None:
    """A question was not answered: it is asked again, later and later."""
    build = held(build_id, claim)
    build.trouble += 1
    pause = pause_after(build.trouble)
    if isinstance(problem, ServerTrouble) and problem.retry_after is not None:
        pause = max(pause, min(problem.retry_after, timedelta(minutes=15)))
    build.looked_at, build.retry_at = now, now + pause
    build.due_at = build.retry_at
    build.problem = problem.sentence
    build.save()


@transaction.atomic
def finish_with_package(*, build_id: int, claim: int, stored: StoredPackage, now: datetime) -> None:
    """The package is in the store: the version is made. Raises Invalid when its slipway.yaml could
    never be released; then nothing is written."""
    build = held(build_id, claim)
    if build.stage != BuildStage.OVER:
        end_with_package(build=build, stored=stored, now=now)


@transaction.atomic
def finish_without_package(
    *,
    build_id: int,
    claim: int,
    status: VersionStatus,
    reason: Sentence,
    now: datetime,
) -> None:
    """There is no version, for this reason. Said twice, the first time counts."""
    build = held(build_id, claim)
    if build.stage != BuildStage.OVER:
        end_without_package(build=build, status=status, reason=reason, now=now)


@transaction.atomic
def note_lost_for_good(*, build_id: int, claim: int) -> None:
    """The server has forgotten a build that is over: no late success can come."""
    build = held(build_id, claim)
    build.external_id, build.due_at, build.claimed_by = "", None, ""
    build.save(update_fields=["external_id", "due_at", "claimed_by"])


@transaction.atomic
def append_log(*, build_id: int, claim: int, piece: LogPiece) -> bool:
    """Keep what was printed, and where the next piece begins; returns whether more is wanted."""
    build = held(build_id, claim)
    text = storable(piece.text)
    if build.log_size + len(text) > LONGEST_LOG:
        room = LONGEST_LOG - build.log_size
        text = text[:room] + CUT if room > 0 else ""
    if text:
        BuildLogPart.objects.create(build=build, start=build.log_size, text=text)
        build.log_size += len(text)
    build.log_position = piece.position
    build.save(update_fields=["log_position", "log_size"])
    return build.log_size < LONGEST_LOG


def _mark_building(build: Build, url: str = "") -> None:
    version = build.version
    url = storable(url)[:1024] or version.build_url
    if version.status != VersionStatus.PENDING and url == version.build_url:
        return
    version.status, version.build_url = VersionStatus.BUILDING, url
    version.save(update_fields=["status", "build_url"])


def _set_commit(version: Version, commit: str) -> None:
    version.commit = storable(commit)[:64]
    name_version(version, version.created_at)


def _known(build: Build) -> KnownAlready:
    return KnownAlready(
        "{version}: another version here stands for the same build there.",
        hint="Look at the list of versions: that one goes on.",
        version=build.version.name,
    )


def _tell_late(build: Build, now: datetime) -> None:
    version = build.version
    record(
        "build.succeeded_late",
        "version",
        version.pk,
        str(version),
        by=Actor.system(),
        now=now,
        after={"status": VersionStatus(version.status).word, "build": build.pk},
        service=version.service.name,
    )
