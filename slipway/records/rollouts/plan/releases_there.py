"""Which of the releases that a plan brings lie on their hosts already."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import F, Max

from slipway.core.rollout.told.status import TargetStatus
from slipway.records.rollouts.models import Step, Target
from slipway.records.rollouts.wish.selection import Candidate

_REMOVED = "Removed release "  # as slipway/host/releases/prune.sh says it, a line for each
_LINE = re.compile(rf"^{_REMOVED}(.+)\.\r?$", re.MULTILINE)
OnHost = tuple[int, int]  # a host and a version


def releases_on_hosts(candidates: Sequence[Candidate], service_id: int) -> set[OnHost]:
    """Return (host, version) of those that are to come, were put there before and were not removed
    there since: the newest few of them stay."""
    put = _put_there(candidates, service_id)
    if not put:
        return set()
    versions = {each.goal.version.name: each.goal.version_id for each in candidates if each.goal}
    there = dict(put)
    for host, name, at in _removed(put, service_id):
        on_host = host, versions.get(name, 0)
        if on_host in put and put[on_host] <= at:
            there.pop(on_host, None)
    return set(there)


def _put_there(candidates: Sequence[Candidate], service_id: int) -> dict[OnHost, datetime]:
    """Return when each was last put there. Asked by versions, which are few: hosts may be many."""
    hosts = {each.host.pk for each in candidates}
    rows = Target.objects.filter(
        rollout__service=service_id,
        state=TargetStatus.SUCCEEDED,
        to_version__in={each.goal.version_id for each in candidates if each.goal},
    ).exclude(host__machine_since__gt=F("finished_at"))
    found = rows.values_list("host", "to_version").annotate(at=Max("finished_at"))
    return {(host, pk): at for host, pk, at in found if pk and at and host in hosts}


def _removed(
    put: Mapping[OnHost, datetime], service_id: int
) -> Iterator[tuple[int, str, datetime]]:
    """Yield what hosts said that they removed since the first of these was put there: host, version
    and when."""
    pruned = Step.objects.filter(
        name__in=("prune", "remove"),
        target__host__in={host for host, _version in put},
        target__rollout__service=service_id,
        finished_at__gte=min(put.values()),
        output__contains=_REMOVED,
    )
    for host, output, at in pruned.values_list("target__host", "output", "finished_at"):
        if at is not None:
            yield from ((host, name, at) for name in _LINE.findall(output))
