"""What people answer when a rollout asks, and what they know of a place that nobody can ask."""

from datetime import datetime

from django.db import transaction

from slipway.core.rollout.value.questions import ANSWERS, Answer, Asks
from slipway.core.rollout.value.words import Word
from slipway.core.words.names import place_name, shown
from slipway.core.words.refusal import Invalid, NotFound
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations.steering import change, hold, speak
from slipway.records.rollouts.wish.confirmations import require_confirmed
from slipway.records.rollouts.wish.refusals import NothingAsked


@transaction.atomic
def answer_question(
    *,
    rollout: Rollout,
    answer: str,
    by: Actor,
    now: datetime,
    reason: str = "",
    confirm: str | None = None,
) -> Rollout:
    """Answer the question that a rollout asks. Raises NothingAsked, Invalid, RolloutOver."""
    held = hold(rollout, by)
    if not held.asks:
        raise NothingAsked(
            "Rollout {number} asks nothing now.",
            hint="Look at it again: its question may have been withdrawn.",
            number=held.pk,
        )
    known = ANSWERS[Asks(held.asks["code"])]
    if answer not in known:
        raise Invalid(
            "{answer} is no answer to that.",
            hint="Answer with one of: {known}.",
            answer=f"“{shown(answer)}”",
            known=", ".join(known),
        )
    if answer != Answer.CANCEL:
        require_confirmed(held.environment, held.service.name, confirm=confirm, by=by)
    speak(held, Word.ANSWER, by=by, now=now, answer=Answer(answer))
    return change(held, "rollout.answered", by=by, now=now, reason=reason, answer=answer)


@transaction.atomic
def say_gone(
    *,
    rollout: Rollout,
    place: str,
    by: Actor,
    now: datetime,
    reason: str = "",
    confirm: str | None = None,
) -> Rollout:
    """Say that a place of which nothing is known is gone: the rollout waits for it no more. A host
    alone means its only place. Raises NotFound, RolloutOver."""
    held = hold(rollout, by)
    places = [
        (host, place_name(host, port))
        for host, port in Target.objects.filter(rollout=held).values_list("host__name", "port")
    ]
    meant = [name for host, name in places if place in (host, name)]
    if len(meant) != 1:
        raise NotFound(
            "{place} is no place of rollout {number}.",
            hint="Name it as the rollout does, with its port: HOST:PORT.",
            place=shown(place),
            number=held.pk,
        )
    require_confirmed(held.environment, held.service.name, confirm=confirm, by=by)
    speak(held, Word.GONE, by=by, now=now, place=meant[0])
    [name] = meant
    return change(held, "rollout.said_gone", by=by, now=now, reason=reason, place=name)
