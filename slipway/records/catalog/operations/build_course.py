"""What the worker writes down while it drives a build. Every write carries the worker's claim."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from slipway.core.builds import BuildStage, SeenStatus, pause_after
from slipway.core.refusal import Refused
from slipway.core.versions import VersionStatus
from slipway.ports import StoredPackage
from slipway.ports.builds import LogPiece, SeenBuild, ServerKind, ServerTrouble
from slipway.records.accounts.actors import Actor
from slipway.records.audit.operations import record
from slipway.records.catalog.models import Build, BuildLogPart, Service, Version
from slipway.records.catalog.operations.build_endings import (
    end_as_duplicate,
    end_with_package,
    end_without_package,
)
from slipway.records.catalog.operations.builds import find_duplicate, name_version
from slipway.records.fields.texts import storable
from slipway.records.fields.uniqueness import refused_if_taken

ELSEWHERE_FOR = timedelta(minutes=10)
LONGEST_LOG = 4 * 1024**2  # characters; what comes behind is on the build server
CUT = "\n[… the log goes on on the build server …]\n"


class ClaimLost(Refused):
    """Another worker drives the build now."""

    code = "claim_lost"


class KnownAlready(Refused):
    """Another build here stands for the same one there."""

    code = "build_known_already"


def list_due(*, worker: str, alive: Collection[str], now: datetime, limit: int) -> list[int]:
    """Return builds that want a look, and that no other living worker drives."""
    due = Build.objects.filter(_free(worker, alive, now))
    return list(due.order_by("due_at").values_list("pk", flat=True)[:limit])


def _free(worker: str, alive: Collection[str], now: datetime) -> Q:
    """Nobody alive has it. A command runs on the machine of the worker that began it: workers of
    others wait a while for that machine, which may only be restarting its worker."""
    others = [one for one in alive if one != worker]
    machine = worker.partition(":")[0]
    is_elsewhere = (
        Q(server__kind=ServerKind.COMMAND, due_at__gt=now - ELSEWHERE_FOR)
        & ~Q(stage=BuildStage.WANTED)
        & ~Q(claimed_by="")
        & ~Q(claimed_by__startswith=f"{machine}:")
    )
    return Q(due_at__lte=now) & ~Q(claimed_by__in=others) & ~is_elsewhere


@transaction.atomic
def claim_build(*, build_id: int, worker: str, alive: Collection[str], now: datetime) -> int | None:
    """Return the claim, higher than any before; None when another was faster."""
    free = Build.objects.filter(_free(worker, alive, now), pk=build_id)
    build = Build.objects.select_for_update().filter(pk__in=free.values("pk")).first()
    if build is None or build.claimed_by in set(alive) - {worker}:
        return None
    if build.claimed_by != worker:
        build.claimed_by, build.claim = worker, build.claim + 1
        build.save(update_fields=["claimed_by", "claim"])
    return build.claim


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
    build.trouble, build.retry_at, build.problem, build.problem_hint = 0, None, "", ""
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
    build.seen, build.says, build.looked_at = seen.status, storable(seen.says)[:2000], now
    build.trouble, build.retry_at, build.problem, build.problem_hint = 0, None, "", ""
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
    build.problem, build.problem_hint = storable(problem.message), storable(problem.hint)
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
    reason: str,
    hint: str = "",
    now: datetime,
) -> None:
    """There is no version, for this reason. Said twice, the first time counts."""
    build = held(build_id, claim)
    if build.stage != BuildStage.OVER:
        end_without_package(build=build, status=status, reason=reason, hint=hint, now=now)


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


def put_off(*, build_id: int, claim: int, until: datetime, problem: Refused) -> None:
    """For a fault of ours: reads nothing of the row, for that may be what fails."""
    Build.objects.filter(pk=build_id, claim=claim).update(
        due_at=until, problem=problem.message, problem_hint=problem.hint
    )


def rest_until(*, build: Build, claim: int, due_at: datetime | None) -> None:
    """Nothing can be done before `due_at` (None: never again), as `build` was when that was
    decided. A wish or a webhook that came meanwhile keeps its own, earlier moment."""
    same = Build.objects.filter(
        pk=build.pk,
        claim=claim,
        cancel_requested_at=build.cancel_requested_at,
        looked_at=build.looked_at,
    )
    if due_at is None:
        same.update(due_at=None, claimed_by="")
    else:
        same.update(due_at=due_at)


def held(build_id: int, claim: int) -> Build:
    """Return the build, locked. Raises ClaimLost when the claim is not the latest."""
    build = (
        Build.objects.select_for_update(of=("self",))
        .select_related("version__service", "server")
        .filter(pk=build_id, claim=claim)
        .first()
    )
    if build is None:
        raise ClaimLost("Another worker drives build {build} now.", build=build_id)
    return build


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
