"""Why a rollout that is under way waits for a person, and by which commands it goes on."""

from collections.abc import Mapping, Sequence
from typing import Any

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.questions import ANSWERS
from slipway.core.words.commands import typed
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.ask.driving import Driving
from slipway.records.rollouts.ask.queries import question_of
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.target_glances import SomeTarget


def gate_of(targets: Sequence[SomeTarget]) -> int:
    """Return which batch, counted from 1, is over while the next has not begun; 0 where none is."""
    batches = sorted({target.batch for target in targets})
    left = [target.batch for target in targets if not TargetStatus(target.state).is_over]
    batch = min(left, default=batches[-1] if batches else 0)
    begun = {target.state for target in targets if target.batch == batch}
    is_at_gate = begun == {TargetStatus.PENDING.value}
    return batches.index(batch) if is_at_gate else 0


def waits_for_promotion(rollout: Rollout, gate: int) -> bool:
    """Return whether somebody has to let the next batch begin."""
    return (
        rollout.state == RolloutStatus.RUNNING
        and rollout.promotion_needed
        and gate > rollout.promoted_batches
    )


def why_waiting(
    rollout: Rollout, targets: Sequence[SomeTarget], driving: Driving | None
) -> Sentence | None:
    """Return what a rollout that is not over waits for; None where it goes on by itself."""
    if rollout.cancel_requested:
        return None
    about: dict[str, Any] = {
        "number": rollout.pk,
        "service": rollout.service.name,
        "environment": rollout.environment.name,
    }
    if rollout.state == RolloutStatus.PAUSED:
        return _asks(rollout, about) or _said(*_PAUSED, about)
    # Where another worker lives, it takes up what a silent one drove.
    if driving is not None and not driving.is_alive and not driving.has_workers:
        return _said(*_NO_WORKER, about)
    gate = gate_of(targets)
    return _said(*_GATE, about, batch=gate) if waits_for_promotion(rollout, gate) else None


def ways_on(rollout: Rollout, why: Sentence, actor: Actor) -> tuple[str, ...]:
    """Return the commands by which `actor` lets it go on, or looks at it."""
    number = str(rollout.pk)
    look = typed("rollout", "show", number)
    names = {"service": rollout.service.name, "environment": rollout.environment.name}
    if why.code == "rollout_without_worker":
        return (typed("worker"), look)
    if not actor.may(Action.DEPLOY, **names):
        return (look,)
    if question := question_of(rollout):
        answers = ANSWERS[question.code]
        return (*(typed("rollout", "answer", number, each.value) for each in answers), look)
    verb = "promote" if why.code == "rollout_at_gate" else "resume"
    return (typed("rollout", verb, number), look)


_PAUSED = (
    "rollout_paused",
    "Rollout {number} of {service} in {environment} is paused.",
    "Go on, or cancel it.",
)
_NO_WORKER = (
    "rollout_without_worker",
    "Rollout {number} of {service} in {environment} stands still: no worker is alive.",
    "Start one with `slipway worker`, or everything with `slipway up`.",
)
_GATE = (
    "rollout_at_gate",
    "Rollout {number} of {service} in {environment} waits: batch {batch} is done.",
    "Look at it, then let the next batch begin.",
)
_ASKS = ("rollout_asks", "Rollout {number} of {service} in {environment} asks: {question}")


def _said(code: str, template: str, hint: str, about: Mapping[str, Any], **values: Any) -> Sentence:
    return Sentence.of(code, template, hint=hint, **about, **values)


def _asks(rollout: Rollout, about: Mapping[str, Any]) -> Sentence | None:
    question = question_of(rollout)
    if question is None:
        return None
    return with_advice_of(question.sentence, *_ASKS, question=question.sentence, **about)


def with_advice_of(inner: Sentence | None, code: str, template: str, **values: Any) -> Sentence:
    """Return a sentence around another one, which advises what that one does."""
    advice = inner.advice if inner else None
    if advice is None:
        return Sentence.of(code, template, **values)
    return Sentence.of(code, template, hint="{advice}", advice=advice, **values)
