"""Which builds want a look, and whose they are while they are driven."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q

from slipway.core.builds.orders import BuildOrder, ServerKind
from slipway.core.builds.state import BuildStage, BuildState
from slipway.core.words.refusal import Refused
from slipway.records.builds.queries.builds import get_build, get_order, get_state
from slipway.records.catalog.models import Build
from slipway.records.workers.queries import list_living

ELSEWHERE_FOR = timedelta(minutes=10)


class ClaimLost(Refused):
    """Another worker drives the build now."""

    code = "claim_lost"


def list_due(*, worker: str, now: datetime, limit: int) -> list[int]:
    """Return builds that want a look, and that no other living worker drives."""
    due = Build.objects.filter(_free(worker, list_living() - {worker}, now))
    return list(due.order_by("due_at").values_list("pk", flat=True)[:limit])


def next_due_at() -> datetime | None:
    """Return when the next build wants a look, whoever drives it."""
    soonest: datetime | None = Build.objects.aggregate(soonest=Min("due_at"))["soonest"]
    return soonest


def _free(worker: str, others: Collection[str], now: datetime) -> Q:
    """Nobody alive has it. A command runs on the machine of the worker that began it: workers of
    others wait a while for that machine, which may only be restarting its worker."""
    machine = worker.partition(":")[0]
    is_elsewhere = (
        Q(server__kind=ServerKind.COMMAND, due_at__gt=now - ELSEWHERE_FOR)
        & ~Q(stage=BuildStage.WANTED)
        & ~Q(claimed_by="")
        & ~Q(claimed_by__startswith=f"{machine}:")
    )
    return Q(due_at__lte=now) & ~Q(claimed_by__in=others) & ~is_elsewhere


@transaction.atomic
def claim_build(*, build_id: int, worker: str, now: datetime) -> int | None:
    """Return the claim, higher than any before; None when another was faster."""
    others = list_living() - {worker}
    free = Build.objects.filter(_free(worker, others, now), pk=build_id)
    build = Build.objects.select_for_update().filter(pk__in=free.values("pk")).first()
    if build is None or build.claimed_by in others:
        return None
    if build.claimed_by != worker:
        build.claimed_by, build.claim = worker, build.claim + 1
        build.save(update_fields=["claimed_by", "claim"])
    return build.claim


def held(build_id: int, claim: int) -> Build:
    """Return the build, locked. Raises ClaimLost when the claim is not the latest."""
    build = (
        Build.objects.select_for_update(of=("self",))
        .select_related("version__service", "server")
        .filter(pk=build_id, claim=claim)
        .first()
    )
    if build is None:
        raise _lost(build_id)
    return build


@dataclass(frozen=True, slots=True)
class LoadedBuild:
    """A build as it is now, under a claim."""

    id: int
    claim: int
    state: BuildState
    order: BuildOrder
    commit_asked: str
    log_position: str
    log_size: int


def load_build(build_id: int, claim: int) -> LoadedBuild:
    """Raises ClaimLost; Invalid where its settings mean nothing any more."""
    build = get_build(build_id)
    if build.claim != claim:
        raise _lost(build_id)
    return LoadedBuild(
        build_id, claim, get_state(build), get_order(build), build.commit_asked,
        build.log_position, build.log_size,
    )  # fmt: skip


def _lost(build_id: int) -> ClaimLost:
    return ClaimLost("Another worker drives build {build} now.", build=build_id)


def put_off(*, build_id: int, claim: int, until: datetime, problem: Refused) -> None:
    """For a fault of ours: reads nothing of the row, for that may be what fails."""
    Build.objects.filter(pk=build_id, claim=claim).update(due_at=until, problem=problem.sentence)


def rest_until(*, build: LoadedBuild, due_at: datetime | None) -> None:
    """Nothing can be done before `due_at` (None: never again), as `build` was when that was
    decided. A wish or a webhook that came meanwhile keeps its own, earlier moment."""
    same = Build.objects.filter(
        pk=build.id,
        claim=build.claim,
        cancel_requested_at=build.state.cancel_wished_at,
        looked_at=build.state.looked_at,
    )
    if due_at is None:
        same.update(due_at=None, claimed_by="")
    else:
        same.update(due_at=due_at)
