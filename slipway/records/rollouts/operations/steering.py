"""Steering a rollout under way: data that its driver reads, never a call to it.

Nothing here reads a plan or a release spec: one that no longer parses can still be steered, and
ended.
"""

from datetime import datetime

from django.db import transaction

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.questions import Answer
from slipway.core.rollout.value.words import Word
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.rollouts.models import LogLine, PersonsWord, Rollout, Target
from slipway.records.rollouts.wish.confirmations import require_confirmed
from slipway.records.rollouts.wish.refusals import NothingToPromote, RolloutOver
from slipway.records.rows.texts import checked_text

_TOLD = {
    "rollout.paused": "{person} paused it",
    "rollout.resumed": "{person} resumed it",
    "rollout.promoted": "{person} promoted it",
    "rollout.cancel_requested": "{person} cancelled it",
    "rollout.answered": "{person} answered: {answer}",
    "rollout.said_gone": "{person} said that {place} is gone",
}


@transaction.atomic
def pause_rollout(*, rollout: Rollout, by: Actor, now: datetime, reason: str = "") -> Rollout:
    """Start nothing more until it is resumed; what is under way goes to its end."""
    held = hold(rollout, by)
    if held.is_paused:
        return held
    held.is_paused, held.state = True, RolloutStatus.PAUSED
    speak(held, Word.PAUSE, by=by, now=now)
    return change(held, "rollout.paused", by=by, now=now, reason=reason)


@transaction.atomic
def resume_rollout(
    *, rollout: Rollout, by: Actor, now: datetime, reason: str = "", confirm: str | None = None
) -> Rollout:
    """Go on after a person's pause; where something is asked, that is the answer to it."""
    held = hold(rollout, by)
    if not held.is_paused and not held.asks:
        return held
    require_confirmed(held.environment, held.service.name, confirm=confirm, by=by)
    held.is_paused = False
    if not held.asks:
        # Never driven so far: its first driver writes down when it began.
        held.state = RolloutStatus.RUNNING if held.driver else RolloutStatus.PENDING
        held.outcome = None
    if held.driver:
        held.started_at = held.started_at or now
        # The pause was not a lack of progress.
        held.last_progress_at = now
    speak(held, Word.RESUME, by=by, now=now)
    return change(held, "rollout.resumed", by=by, now=now, reason=reason)


@transaction.atomic
def promote_rollout(
    *, rollout: Rollout, by: Actor, now: datetime, reason: str = "", confirm: str | None = None
) -> Rollout:
    """Let the next batch begin. Clicked twice, it is one batch. Raises NothingToPromote."""
    held = hold(rollout, by)
    done = _batches_done(held)
    if not held.promotion_needed or done <= held.promoted_batches:
        raise NothingToPromote(
            "No batch of rollout {number} waits to be promoted.",
            hint="Wait until the batch under way is over.",
            number=held.pk,
        )
    require_confirmed(held.environment, held.service.name, confirm=confirm, by=by)
    held.promoted_batches = done
    speak(held, Word.PROMOTE, by=by, now=now, upto=done)
    return change(held, "rollout.promoted", by=by, now=now, reason=reason)


@transaction.atomic
def cancel_rollout(*, rollout: Rollout, by: Actor, now: datetime, reason: str = "") -> Rollout:
    """End it: what is under way goes to its end, nothing else is begun."""
    held = hold(rollout, by)
    if held.cancel_requested:
        return held
    held.cancel_requested = True
    speak(held, Word.CANCEL, by=by, now=now)
    return change(held, "rollout.cancel_requested", by=by, now=now, reason=reason)


def speak(
    rollout: Rollout,
    word: Word,
    *,
    by: Actor,
    now: datetime,
    place: str = "",
    answer: Answer | None = None,
    upto: int = 0,
) -> None:
    """Write down what a person said, for the driver to hear in this order."""
    PersonsWord.objects.create(
        rollout=rollout,
        word=word,
        place=place,
        answer=answer or "",
        upto=upto,
        by=by.user,
        at=now,
    )


def hold(rollout: Rollout, by: Actor) -> Rollout:
    """Lock the rollout's row and return it as it is now. Raises RolloutOver, Forbidden."""
    held = (
        Rollout.objects.select_for_update(of=("self",))
        .select_related("service", "environment")
        .get(pk=rollout.pk)
    )
    by.require(Action.DEPLOY, service=held.service.name, environment=held.environment.name)
    if RolloutStatus(held.state).is_over:
        raise RolloutOver(
            "Rollout {number} is over: {state}.",
            hint="Retry it, or roll it back.",
            number=held.pk,
            state=held.state,
        )
    return held


def change(
    rollout: Rollout, verb: str, *, by: Actor, now: datetime, reason: str, **values: str
) -> Rollout:
    """Write down what a person changed, ring its driver, and tell log and audit of it."""
    checked_text(reason, what="reason", limit=1000)
    rollout.rev += 1
    rollout.save(
        update_fields=[
            "state",
            "is_paused",
            "started_at",
            "last_progress_at",
            "outcome",
            "promoted_batches",
            "cancel_requested",
            "rev",
        ]
    )
    said = Sentence.of(verb, _TOLD[verb], person=by.name, **values)
    if reason:
        said = Sentence.of("with_reason", "{what}: {reason}", what=said, reason=reason)
    LogLine.objects.create(rollout=rollout, level="warning", sentence=said, at=now, rev=rollout.rev)
    record_of(verb, rollout, by=by, now=now, reason=reason)
    return rollout


def _batches_done(rollout: Rollout) -> int:
    """Return how many batches, from the first on, have nothing left to do."""
    rows = Target.objects.filter(rollout=rollout).values_list("batch", "state")
    unfinished = {batch for batch, state in rows if not TargetStatus(state).is_over}
    batches = sorted({batch for batch, _ in rows})
    return sum(batch < min(unfinished, default=len(batches) + 1) for batch in batches)
