"""The rules of an environment as floors: what a wish says otherwise may only be more careful,
unless who wishes it is admin of the environment."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from slipway.core.rollout.plans.batches import Batches
from slipway.core.rollout.plans.plan import Plan
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.plan.policies import policy_of
from slipway.records.rollouts.wish.refusals import BelowFloors
from slipway.records.rollouts.wish.selection import Candidate
from slipway.records.rollouts.wish.wishes import Wish


def below_floors(
    wish: Wish, plan: Plan, targets: Sequence[Candidate], standing: Sequence[Instance]
) -> Refused | None:
    """Return the refusal that names what is less careful than the environment's rules."""
    said = list(_untried(wish))
    # Going back is how trouble is ended: nothing keeps it from being fast.
    if not wish.goes_back:
        said += _less_careful(wish, plan, targets, standing)
    if not said:
        return None
    return BelowFloors(
        "{environment} is more careful than this: {floors}.",
        hint="Leave that out, or ask an admin of {environment}.",
        environment=wish.environment.name,
        floors=Sentence.listed(*said),
    )


def may_go_below(wish: Wish, by: Actor) -> bool:
    return by.may(Action.MANAGE_ENVIRONMENT, environment=wish.environment.name)


def _untried(wish: Wish) -> Iterator[Sentence]:
    if wish.even_if_never_well:
        yield Sentence.of("floor_well", "back only to what was well there")


def _less_careful(
    wish: Wish, plan: Plan, targets: Sequence[Candidate], standing: Sequence[Instance]
) -> Iterator[Sentence]:
    floor, given = policy_of(_unsaid(wish), targets, standing), plan.policy
    environment = wish.environment
    if _goes_faster(plan.batches, environment.batches, len(targets)):
        yield Sentence.of("floor_batches", "batches {floor}", floor=environment.batches)
    if given.allowed_away > floor.allowed_away:
        template = "at most {floor} away at once"
        yield Sentence.of("floor_away", template, floor=floor.allowed_away)
    if given.failures > floor.failures:
        yield Sentence.of("floor_failures", "at most {floor} failures", floor=floor.failures)
    if given.left_out > floor.left_out:
        yield Sentence.of("floor_left_out", "at most {floor} left out", floor=floor.left_out)
    if given.bake < floor.bake:
        template = "{floor} s of bake time"
        yield Sentence.of("floor_bake", template, floor=f"{floor.bake:g}")
    if floor.goes_back and not given.goes_back:
        yield Sentence.of("floor_goes_back", "what fails goes back by itself")


def _unsaid(wish: Wish) -> Wish:
    return replace(
        wish,
        batches="",
        max_unavailable="",
        failure_budget="",
        left_out_budget="",
        bake_time=None,
        automatic_rollback=None,
    )


def _goes_faster(given: str, floor: str, total: int) -> bool:
    """Return whether after some batch more has been begun than the environment would have."""
    mine = list(accumulate(Batches.parse(given).sizes(total)))
    theirs = list(accumulate(Batches.parse(floor).sizes(total)))
    return any(one > other for one, other in zip(mine, theirs, strict=False))
