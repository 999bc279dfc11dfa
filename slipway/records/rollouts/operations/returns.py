"""Going back, and trying again: new rollouts that answer earlier ones."""

from datetime import datetime

from slipway.core.words.kinds import RolloutKind
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations.starts import start_rollout
from slipway.records.rollouts.wish.wishes import Wish


def roll_back(
    *,
    rollout: Rollout,
    by: Actor,
    now: datetime,
    reason: str = "",
    confirm: str | None = None,
) -> Rollout:
    """Take back what `rollout` touched, each instance to its own earlier version, or to nothing.

    Raises what start_rollout does.
    """
    wish = Wish(
        kind=RolloutKind.REVERT,
        service=rollout.service,
        environment=rollout.environment,
        reverts=rollout,
    )
    return start_rollout(wish=wish, by=by, now=now, reason=reason, confirm=confirm)


def retry_rollout(
    *, rollout: Rollout, by: Actor, now: datetime, reason: str = "", confirm: str | None = None
) -> Rollout:
    """Try again what `rollout` has not brought to its end, and nothing else: a plan made now, with
    the settings and policies of now.

    Raises what start_rollout does.
    """
    wish = Wish(
        kind=RolloutKind(rollout.kind),
        service=rollout.service,
        environment=rollout.environment,
        version=rollout.version,
        reverts=rollout.reverts,
        retry_of=rollout,
    )
    return start_rollout(wish=wish, by=by, now=now, reason=reason, confirm=confirm)
