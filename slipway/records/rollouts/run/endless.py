"""Rollouts that cannot be driven to an end: each can be ended by one word all the same."""

from datetime import datetime

from django.db import transaction

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.questions import Asks, Question
from slipway.core.rollout.value.words import Cause, End, Stage
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.rollouts.models import LogLine, PersonsWord, Rollout, Target
from slipway.records.rollouts.run.claims import Claim, turn
from slipway.records.rollouts.run.loading import question_as_json

OPEN = [stage.value for stage in Stage if stage.is_open]


@transaction.atomic
def end_watch(held: Claim) -> None:
    """Another rollout has begun: what was over is over for good. Raises LeaseLost."""
    turn(held)
    Rollout.objects.filter(pk=held.rollout).update(watching=False)


@transaction.atomic
def ask_for_help(rollout_id: int, why: Sentence, now: datetime) -> None:
    """Its driver failed again and again: pause it with the reason, so that everybody sees it."""
    row = Rollout.objects.select_for_update().get(pk=rollout_id)
    if RolloutStatus(row.state).is_over or row.asks:
        return
    question = Question(Asks.OURS, why)
    row.asks, row.state, row.rev = question_as_json(question), RolloutStatus.PAUSED, row.rev + 1
    row.save(update_fields=["asks", "state", "rev"])
    LogLine.objects.create(rollout=row, level="error", sentence=why, at=now, rev=row.rev)


def is_cancelled(rollout_id: int) -> bool:
    """Whether somebody said so, heard by a driver or not."""
    said = PersonsWord.objects.filter(rollout=rollout_id, word="cancel").exists()
    return said or Rollout.objects.filter(pk=rollout_id, cancel_requested=True).exists()


@transaction.atomic
def abandon(held: Claim, why: Sentence, now: datetime) -> None:
    """End a cancelled rollout whose plan cannot be read: nothing more is done, and what was in hand
    is said to be not known. Raises LeaseLost."""
    rev = turn(held)
    row = Rollout.objects.select_related("service", "environment").get(pk=held.rollout)
    open_ones = Target.objects.filter(rollout=row, stage__in=OPEN)
    not_known = Sentence.of("not_known_abandoned", "What became of it there is not known.")
    open_ones.filter(touched=True).update(
        stage=Stage.OUT, state=TargetStatus.NOT_KNOWN, cause=Cause.OURS, problem=not_known,
        finished_at=now, rev=rev,
    )  # fmt: skip
    not_begun = Sentence.of("not_begun_cancelled", "Not begun: the rollout was cancelled.")
    open_ones.filter(touched=False).update(
        stage=Stage.OUT, state=TargetStatus.CANCELLED, cause=Cause.PERSON, problem=not_begun,
        finished_at=now, rev=rev,
    )  # fmt: skip
    outcome = Sentence.of("cancelled_unread", "Cancelled by a person. {why}", why=why)
    Rollout.objects.filter(pk=row.pk).update(
        state=RolloutStatus.CANCELLED, end=End.CANCELLED, outcome=outcome, finished_at=now,
        asks=None, cancel_requested=True,
    )  # fmt: skip
    LogLine.objects.create(rollout=row, level="warning", sentence=outcome, at=now, rev=rev)
    record_of("rollout.cancelled", row, by=Actor.system(), now=now, cause=outcome)
