"""What a host's answer means for the target it is about, and who has died since it was well."""

from dataclasses import replace

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.decide.targets import failed, found_well, has_waited, is_fresh, leave_out
from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.looks import ChainReport
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, Heading, Stage

LOOKS_BEFORE_ILL = 2  # in a row: a process that answers late once has not died


def hear_answer(draft: Draft, target: Target) -> None:
    """A chain ends by the host's own word only, and success needs the probe's own."""
    target = draft.put(target)
    if target.stage is Stage.WELL:
        _count_ill_looks(draft, target)
    if target.stage is not Stage.IN_HAND or not is_fresh(target):
        return
    assert target.look is not None, "it has answered"
    report = target.look.report
    if report is None or report.ticket != draft.rollout.ticket(target):
        _hear_that_nothing_came(draft, target)
    elif report.outcome is not Outcome.RUNNING:
        _end_chain(draft, target, report)
    elif target.sent_in_vain:
        draft.put(replace(target, sent_in_vain=0.0))  # this time it arrived


def _hear_that_nothing_came(draft: Draft, target: Target) -> None:
    """What was sent did not arrive, and never will: its turn comes again, once at least, until
    patience was spent sending. Whoever takes over has sent nothing yet."""
    kept = target.attempt > 0 or target.heading is Heading.BACK
    target = replace(target, touched=kept)
    spent = target.sent_in_vain + draft.driven - target.since if target.sent else 0.0
    if target.sent_in_vain and spent >= draft.rollout.policy.patience:
        leave_out(draft, target, target.lost_cause, say.not_arrived(target))
    else:
        draft.move(target, Stage.ASKED, turn=draft.driven, sent_in_vain=spent)


def _end_chain(draft: Draft, target: Target, report: ChainReport) -> None:
    target = replace(target, sent_in_vain=0.0)
    if report.outcome is Outcome.DONE:
        if target.is_done:
            found_well(draft, target)
        else:
            # What a version can do is not to run, or to be ill: not that something else is there.
            is_there = target.look is not None and target.look.link == target.goal
            fault = Cause.VERSION if is_there else Cause.HOST
            failed(draft, target, say.not_as_wanted(target), fault)
        return
    begun_before = target.attempt > 0 or target.heading is Heading.BACK
    target = replace(target, touched=begun_before or report.disturbed)
    if report.outcome is Outcome.FAILED:
        failed(draft, target, report.problem or say.step_failed(target), report.fault)
    elif target.attempt + 1 < draft.rollout.policy.attempts:
        # A reboot is weather. It may have come to serve by itself: another attempt asks for room
        # again.
        draft.move(
            target,
            Stage.ASKED,
            attempt=target.attempt + 1,
            losses=target.losses + 1,
            turn=draft.driven,
        )
    else:
        why = report.problem or say.lost_again(target)
        failed(draft, replace(target, losses=target.losses + 1), why, Cause.VERSION)


def notice_deaths(draft: Draft) -> None:
    """What was well is watched until the end: a new process in its place means that it died, but
    where its host was started anew; then it bakes anew."""
    for target in draft.at(Stage.WELL):
        look = target.look
        if look is None or not is_fresh(target) or not target.up:
            continue
        if target.is_done and look.process == target.process:
            continue
        if look.boot != target.boot:
            _judge_reboot(draft, target)
        elif look.process != target.process or not look.running:
            failed(draft, target, say.died(target), Cause.VERSION)
        elif target.ill_looks >= LOOKS_BEFORE_ILL:
            failed(draft, target, say.ill(target), Cause.VERSION)


def _judge_reboot(draft: Draft, target: Target) -> None:
    if target.is_done and target.heading is Heading.FORTH and target.losses > 0:
        # The second loss of one place under one version is the version's fault.
        failed(draft, target, say.lost_again(target), Cause.VERSION)
    elif target.is_done:
        found_well(draft, replace(target, losses=target.losses + 1))
    elif has_waited(draft, target):
        failed(draft, target, say.not_back_after_reboot(target), Cause.WEATHER)


def _count_ill_looks(draft: Draft, target: Target) -> None:
    ill = 0 if target.is_done else target.ill_looks + 1
    if ill != target.ill_looks:
        draft.put(replace(target, ill_looks=ill))
