"""Looks at all hosts of a rollout before anything is touched."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from slipway.controller.crew import Crew
from slipway.controller.verdict import check_room
from slipway.core.refusal import Refused
from slipway.core.rollout.status import TargetStatus
from slipway.core.seen import Observation
from slipway.ports import (
    HostIncapable,
)
from slipway.records.fleet import operations
from slipway.records.rollouts.course import Course, TargetCourse

AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found: what each host said, and the targets that cannot be attempted."""

    seen: dict[int, Observation] = field(default_factory=dict)  # by host id
    problems: dict[int, tuple[TargetStatus, Refused]] = field(default_factory=dict)  # by target id
    unreached: dict[int, Refused] = field(default_factory=dict)  # by host id


async def survey(course: Course, crew: Crew) -> Survey:
    """Ask every host that still has something to come.

    One that is down, has changed its key, is full or read-only is found here, when leaving it alone
    still is free."""
    waiting = [target for target in course.targets if target.state is TargetStatus.PENDING]
    found = Survey()
    places = asyncio.Semaphore(AT_ONCE)
    by_host: dict[int, list[TargetCourse]] = {}
    for target in waiting:
        by_host.setdefault(target.host_id, []).append(target)
    await asyncio.gather(*(_ask(course, crew, found, places, ts) for ts in by_host.values()))
    return found


def write_down(found: Survey, now: datetime) -> None:
    """Note which hosts could not be asked: a key that has changed is told to everybody at once, not
    only when its host is looked at next."""
    for host_id, problem in found.unreached.items():
        operations.record_host_seen(host_id=host_id, problem=problem, now=now)


async def _ask(
    course: Course,
    crew: Crew,
    found: Survey,
    places: asyncio.Semaphore,
    targets: list[TargetCourse],
) -> None:
    access = targets[0].access
    try:
        async with places:
            if not any(target.needs_a_look for target in targets):
                await crew.hosts.reach(access)
                return
            seen = await crew.hosts.observe(access, course.service)
    except Refused as refused:
        found.unreached[targets[0].host_id] = refused
        for target in targets:
            found.problems[target.id] = (TargetStatus.UNREACHABLE, refused)
        return
    found.seen[targets[0].host_id] = seen
    for target in targets:
        try:
            check_room(target, seen)
        except HostIncapable as incapable:
            found.problems[target.id] = (TargetStatus.FAILED, incapable)
