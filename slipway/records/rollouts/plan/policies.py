"""How a rollout will be carried out: the environment's rules, and what a wish says otherwise."""

from collections.abc import Sequence

from slipway.core.rollout.plans.shares import budget, left_out_budget, max_unavailable
from slipway.core.rollout.value.planned import Policy
from slipway.core.words.kinds import RolloutKind
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.wish.gates import is_reachable
from slipway.records.rollouts.wish.selection import Candidate, is_well
from slipway.records.rollouts.wish.wishes import Wish

# What is taken away on purpose, or brought up from nothing, needs no room.
_WITHOUT_ROOM = (RolloutKind.STOP, RolloutKind.DELETE, RolloutKind.START)


def policy_of(
    wish: Wish,
    targets: Sequence[Candidate],
    standing: Sequence[Instance],
    before: Rollout | None = None,
) -> Policy:
    """Return the policy of a plan. Raises Invalid when budgets cannot be read. A way back from what
    `before` brought may take away as many at once as that one."""
    environment, count = wish.environment, len(targets)
    # Taking back what went wrong: no failure keeps it from helping the others.
    is_rollback = wish.reverts is not None and wish.goes_back
    goes_back = environment.automatic_rollback and not wish.goes_back
    bake = environment.bake_time if wish.bake_time is None else wish.bake_time
    failures = budget(wish.failure_budget or environment.failure_budget, count)
    left_out = left_out_budget(wish.left_out_budget or environment.left_out_budget, count)
    return Policy(
        allowed_away=max(_allowed_away(wish, targets, standing), _allowed_before(wish, before)),
        failures=count if is_rollback else failures,
        canary_failures=count if is_rollback else environment.canary_budget,
        left_out=count if is_rollback else left_out,
        bake=0.0 if wish.goes_back else bake.total_seconds(),
        watch=0.0 if wish.kind in _UNWATCHED else environment.watch_time.total_seconds(),
        patience=environment.patience.total_seconds(),
        needs_promotion=environment.promotion_needed and not wish.goes_back,
        goes_back=goes_back if wish.automatic_rollback is None else wish.automatic_rollback,
        none_serves_is_known=none_serves(targets, standing),
        is_way_back=wish.goes_back,
    )


_UNWATCHED = (RolloutKind.STOP, RolloutKind.DELETE)


def none_serves(targets: Sequence[Candidate], standing: Sequence[Instance]) -> bool:
    """Return whether places are meant to be up, and none was well when it was last looked at."""
    meant = [each for each in targets if _was_meant_up(each)]
    if not meant and not standing:
        return False
    well = [each.was_well and is_reachable(each.host) for each in meant]
    return not any(well) and not any(is_serving(each) for each in standing)


def is_serving(instance: Instance) -> bool:
    return is_well(instance) and is_reachable(instance.host)


def _allowed_away(wish: Wish, targets: Sequence[Candidate], standing: Sequence[Instance]) -> int:
    """Return the share of all places that are meant to be up, rounded down and at least 1; those
    that the rollout makes join them when they are started."""
    meant = len(standing) + sum(_was_meant_up(each) or each.origin is None for each in targets)
    allowed = max_unavailable(wish.max_unavailable or wish.environment.max_unavailable, meant)
    return max(meant, len(targets), 1) if wish.kind in _WITHOUT_ROOM else allowed


def _allowed_before(wish: Wish, before: Rollout | None) -> int:
    return before.max_unavailable if before and not wish.max_unavailable else 0


def _was_meant_up(candidate: Candidate) -> bool:
    return candidate.was_up and candidate.origin is not None
