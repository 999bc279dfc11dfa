"""What the worker writes down while it drives a build. Every write carries the worker's claim."""

from datetime import datetime

from django.db import transaction

from slipway.core.builds.happen import BuildEvent, happened
from slipway.core.builds.seen import LogPiece
from slipway.core.builds.state import BuildStage, BuildState
from slipway.core.release.packages import StoredPackage
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.builds.operations.claims import held
from slipway.records.builds.operations.endings import (
    end_as_duplicate,
    end_with_package,
    end_without_package,
)
from slipway.records.builds.operations.naming import find_duplicate, name_version
from slipway.records.builds.queries.builds import get_state
from slipway.records.catalog.models import Build, BuildLogPart, Service
from slipway.records.rows.texts import storable
from slipway.records.rows.writing.uniqueness import refused_if_taken

LONGEST_LOG = 4 * 1024**2  # characters; what comes behind is on the build server
CUT = "\n[… the log goes on on the build server …]\n"
# Columns that are called as in the value.
_WRITTEN = (
    *("stage", "ordered_at", "starts", "looked_at", "trouble", "retry_at", "cancelled"),
    *("says", "problem"),
)


class KnownAlready(Refused):
    """Another build here stands for the same one there."""

    code = "build_known_already"


@transaction.atomic
def note(
    *,
    build_id: int,
    claim: int,
    event: BuildEvent | None,
    now: datetime,
    url: str = "",
    commit: str = "",
) -> BuildState:
    """Write down what has happened, and return what is known then. `commit` is what is built,
    whatever was known before: by that it may end as a duplicate. Raises KnownAlready."""
    build = held(build_id, claim)
    before = get_state(build)
    after = happened(before, event, now) if event else before
    for name in _WRITTEN:
        setattr(build, name, getattr(after, name))
    build.seen, build.external_id = after.seen or "", storable(after.external_id)[:512]
    if after.late and not before.late:
        build.late_at = now
        _tell_late(build, now)
    with refused_if_taken(_known(build)):
        build.save()
    if after.stage is BuildStage.OVER:
        return after
    if after.stage is not BuildStage.WANTED:
        _mark_building(build, url)
    if commit and commit != build.version.commit:
        _take_commit(build, commit, now)
    return get_state(build)


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


def _take_commit(build: Build, commit: str, now: datetime) -> None:
    version = build.version
    Service.objects.select_for_update().get(pk=version.service_id)
    version.commit = storable(commit)[:64]
    name_version(version, version.created_at)
    if not build.forced and (other := find_duplicate(version)) is not None:
        end_as_duplicate(build, other, now)


def _known(build: Build) -> KnownAlready:
    return KnownAlready(
        "{version}: another version here stands for the same build there.",
        hint="Look at the list of versions: that one goes on.",
        version=build.version.name,
    )


def _tell_late(build: Build, now: datetime) -> None:
    version = build.version
    record_of(
        "build.succeeded_late",
        version,
        by=Actor.system(),
        now=now,
        after={"status": VersionStatus(version.status).word, "build": build.pk},
    )
