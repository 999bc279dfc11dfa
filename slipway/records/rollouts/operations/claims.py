"""Raising our claims above those of ours that hosts know."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record
from slipway.records.rollouts.ask.later_claims import LaterClaims, compared_with
from slipway.records.rollouts.models import Epoch
from slipway.records.rollouts.operations.starts import LONGEST_REASON
from slipway.records.rollouts.wish.refusals import NothingToRaise
from slipway.records.rows.texts import checked_text

NAMED = 10


@dataclass(frozen=True, slots=True)
class Raised:
    """The last epoch that was given out, as it was and as it counts from now on."""

    before: int
    after: int


@transaction.atomic
def raise_claims(*, by: Actor, now: datetime, reason: str = "") -> Raised:
    """Let the next claim be above every one of ours that a host is known to have heard. Rollouts
    that such a host has refused take a new claim by themselves. Raises NothingToRaise, Forbidden.

    Never over what another installation claims, nor over what ours cannot have been.
    """
    by.require(Action.MANAGE_ENVIRONMENT)
    checked_text(reason, what="reason", limit=LONGEST_REASON)
    Epoch.objects.get_or_create(pk=1)
    row = Epoch.objects.select_for_update().annotate(clock=Now()).get(pk=1)
    known = compared_with(row, max(row.value, int(row.clock.timestamp())))
    if not known.to_raise_over:
        raise _nothing(known)
    highest = max(each.epoch for each in known.to_raise_over)
    raised = Raised(row.value, max(row.value, highest) + 1)
    Epoch.objects.filter(pk=1).update(value=raised.after, raised=raised.after)
    record(
        "claims.raised",
        "claims",
        row.pk,
        "claims",
        by=by,
        now=now,
        before={"epoch": raised.before},
        after={"epoch": raised.after},
        reason=reason,
    )
    return raised


def _nothing(known: LaterClaims) -> NothingToRaise:
    if not known:
        return NothingToRaise(
            "No host is known to have heard a later claim than ours: there is nothing to raise.",
            hint="Hosts say it when a rollout asks them; `slipway doctor` shows what they said.",
        )
    told = known.told(NAMED)
    return NothingToRaise(
        "Nothing was raised. {told}", hint="{advice}", told=told, advice=told.advice
    )
