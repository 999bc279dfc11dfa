"""How builds end: with a version, or with a reason why there is none."""

from datetime import datetime

from slipway.core.builds.state import BuildStage
from slipway.core.release.packages import StoredPackage
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Build, BuildLogPart, Version
from slipway.records.catalog.operations.versions import give_package, spec_brought

GLANCE = 4 * 1024  # characters of the log's end


def end_with_package(*, build: Build, stored: StoredPackage, now: datetime) -> None:
    """The package is in the store: the version is made. `build` is held.

    Raises Invalid when its slipway.yaml could never be released; then nothing is written.
    """
    version = build.version
    spec = spec_brought(stored, version.service)
    give_package(version, stored, now)
    version.spec = spec
    version.service_spec = version.service.spec
    _end(build, VersionStatus.SUCCESS, None, now)
    _tell(build, now, sha256=stored.ref.sha256, size=stored.ref.size)


def end_without_package(
    *, build: Build, status: VersionStatus, reason: Sentence, now: datetime
) -> None:
    """There is no version, for this reason. `build` is held."""
    _end(build, status, reason, now)
    _tell(build, now, cause=reason)


def end_as_duplicate(build: Build, other: Version, now: datetime) -> None:
    """Another version is made of the same commit, or will be."""
    build.duplicate_of = other
    reason = Sentence.of(
        "duplicate",
        "The commit is that of {version}.",
        hint="Force the build if you need it again.",
        version=other.name,
    )
    _end(build, VersionStatus.DUPLICATE, reason, now)
    _tell(build, now, duplicate_of=other.name)


def _end(build: Build, status: VersionStatus, reason: Sentence | None, now: datetime) -> None:
    version = build.version
    version.status = status
    version.build_log = _end_of_log(build)
    version.save()
    build.stage, build.finished_at = BuildStage.OVER, now
    build.reason = reason
    build.due_at = now  # once more: whether a late success is to be watched for
    build.save()


def _end_of_log(build: Build) -> str:
    """A version is read often, so it holds a glance at its log; the whole is in the parts."""
    text = ""
    for part in BuildLogPart.objects.filter(build=build).order_by("-start"):
        text = part.text + text
        if len(text) >= GLANCE:
            break
    return text[-GLANCE:]


def _tell(build: Build, now: datetime, *, cause: Sentence | None = None, **after: object) -> None:
    version = build.version
    word = VersionStatus(version.status).word
    record_of(
        "version.created" if version.status == VersionStatus.SUCCESS else f"build.{word}",
        version,
        by=Actor.system(),
        now=now,
        after={"ref": version.ref, "commit": version.commit, "build": build.pk, **after},
        cause=cause,
    )
