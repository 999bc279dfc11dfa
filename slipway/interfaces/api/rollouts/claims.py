"""Claims: the right to drive a rollout, as hosts know it."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, permit, policy
from slipway.interfaces.api.frame.values import Input, Text, answers
from slipway.records.rollouts.operations import claims

router = Router(tags=["doctor"])


class Raise(Input):
    reason: Text = ""


NO_REASON = Raise()


class RaisedOut(Schema):
    """The last epoch that was given out, as it was and as it counts from now on."""

    before: int
    after: int


@router.post("/raise", response=answers(RaisedOut))
@policy(Action.MANAGE_ENVIRONMENT, Over.EVERYTHING)
def raise_claims(request: HttpRequest, body: Raise = NO_REASON) -> object:
    """Raise our claims above those of ours that hosts know, after a database was restored."""
    actor = permit(request, Action.MANAGE_ENVIRONMENT)
    return claims.raise_claims(by=actor, now=timezone.now(), reason=body.reason)
