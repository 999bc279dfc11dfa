"""What speaks for a plan, from what was seen: it ran elsewhere before, and hosts have room."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from slipway.core.hosts.sizes import size_said
from slipway.core.rollout.plans.outlook import Outlook
from slipway.core.words.kinds import FORTH, RolloutStatus
from slipway.core.words.moments import moment_said
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.fleet.reach import sees_machine
from slipway.records.rollouts.histories.passages import traces_of
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.wish.gates import ROOM_FACTOR
from slipway.records.rollouts.wish.selection import Candidate
from slipway.records.rollouts.wish.wishes import Wish

_SHA_SHOWN = 12


def good_signs(
    outlook: Outlook, candidates: Sequence[Candidate], wish: Wish, by: Actor
) -> Iterator[Sentence]:
    """Yield what `by` may know of it. `candidates` are in the order of the plan's targets."""
    yield from _ran_before(candidates, wish, by)
    if sees_machine(wish.environment.name, by):
        yield from _room(outlook, candidates)


def _ran_before(candidates: Sequence[Candidate], wish: Wish, by: Actor) -> Iterator[Sentence]:
    """Yield the newest of its good ends in another environment, where all bring one version."""
    brought = {each.to_version for each in candidates if each.changes_version}
    version = brought.pop() if len(brought) == 1 else None
    if wish.kind not in FORTH or version is None:
        return
    ran = [
        trace.ran
        for environment, trace in traces_of([version.pk], by).get(version.pk, {}).items()
        if environment != wish.environment.name and trace.ran and not trace.went_back
    ]
    ended = Rollout.objects.filter(pk__in=ran, state=RolloutStatus.SUCCEEDED)
    newest = ended.select_related("environment").order_by("-finished_at").first()
    if newest is not None and newest.finished_at is not None:
        yield _told(newest, newest.finished_at, version)


def _told(rollout: Rollout, at: datetime, version: Version) -> Sentence:
    return Sentence.of(
        "ran_before",
        "Rollout {number} ended well in {environment}, {at}: the same bytes, sha256 {sha}.",
        number=rollout.pk,
        environment=rollout.environment.name,
        at=moment_said(at),
        sha=version.package.sha256[:_SHA_SHOWN] if version.package else "",
    )


def _room(outlook: Outlook, candidates: Sequence[Candidate]) -> Iterator[Sentence]:
    """Yield that all have room which are sent something, where each of them was looked at."""
    sent = [
        (each.host, target.bytes_to_move * ROOM_FACTOR)
        for target, each in zip(outlook.targets, candidates, strict=True)
        if target.bytes_to_move
    ]
    free = {host.name: host.facts.get("disk_free") for host, _needed in sent}
    known = {name: found for name, found in free.items() if isinstance(found, int)}
    needed = max((most for _host, most in sent), default=0)
    if len(known) < len(free) or not known or min(known.values()) < needed:
        return
    fullest = min(known, key=lambda name: (known[name], name))
    yield Sentence.of(
        "room",
        "Each needs about {needed}; the fullest, {host}, had {free} free when it was looked at.",
        needed=size_said(needed),
        host=fullest,
        free=size_said(known[fullest]),
    )
