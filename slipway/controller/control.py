"""Before a version is blamed: is a host that was not touched ill as well?"""

from dataclasses import replace
from datetime import timedelta

from slipway.controller.crew import Crew
from slipway.core.kinds import RolloutKind
from slipway.core.names import ticket_id
from slipway.core.refusal import Refused
from slipway.core.release import Change, steps_of
from slipway.core.rollout.decision import RolloutState
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence
from slipway.core.steps import Chain, Probe, Ticket
from slipway.records.rollouts.course import Course, TargetCourse

PATIENCE = timedelta(seconds=10)


async def control_is_ill(course: Course, crew: Crew, state: RolloutState) -> Sentence | None:
    """Probe one untouched instance; returns why it is ill, None when it is well or not there.

    Where what was not touched is ill too (a database is down, a network is cut), taking the new
    version back would heal nothing, and a person has to look.
    """
    target = _control(course, state)
    if target is None or target.old_spec is None:
        return None
    change = Change(RolloutKind.START, course.rollout_id, target.from_version, target.from_version)
    steps = steps_of(target.context, target.old_spec, change)
    probe = next(step.step for step in steps if isinstance(step.step, Probe))
    quick = replace(probe.check, min_healthy_time=timedelta(0), healthy_deadline=PATIENCE)
    name = ticket_id(course.rollout_id, target.id, 0, "control")
    ticket = Ticket(
        f"{name}-{course.stamp}-{crew.epoch:x}", replace(probe, check=quick), 3 * PATIENCE
    )
    chain = Chain(course.service, target.context.instance, crew.fence(), (ticket,))
    try:
        results = await crew.hosts.perform(target.access, chain, on_result=lambda result: None)
        await crew.hosts.forget(target.access, (ticket.id,))
    except Refused:
        return None  # it cannot be asked: then it says nothing
    if results and results[-1].exit_code == 0:
        return None
    return Sentence.of(
        "control_is_ill",
        "{host}, which was not touched, is not healthy either with {version}: "
        "the cause may lie elsewhere. Mend that and resume, or cancel to leave all as it is.",
        host=target.host,
        version=target.from_version,
    )


def _control(course: Course, state: RolloutState) -> TargetCourse | None:
    waiting = {
        target.id
        for target in state.targets
        if target.status is TargetStatus.PENDING and target.was_healthy
    }
    return next((t for t in course.targets if t.id in waiting and t.from_version), None)
