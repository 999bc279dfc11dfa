"""Whose turn it is, and who is taken in hand."""

from slipway.core.rollout.decide.room import has_room, is_unknown_whether_any_serves
from slipway.core.rollout.decide.targets import found_well, is_fresh, leave_out
from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.questions import Asks
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, Heading, Stage


def leave_without(draft: Draft) -> None:
    """Who a person wants to go on without is left out, unless it was begun."""
    if not draft.rollout.without:
        return
    for target in draft.at(Stage.DUE, Stage.ASKED, heading=Heading.FORTH):
        if target.place in draft.rollout.without and target.attempt == 0:
            leave_out(draft, target, Cause.PERSON, say.without(target))


def leave_out_hindered(draft: Draft) -> None:
    """What is there already is not touched; what is not as the plan says is left out by name."""
    for target in draft.at(Stage.ASKED):
        if not _may_be_judged(draft, target):
            continue
        if target.is_done and not target.planned.anew and not _has_drifted(target):
            found_well(draft, target)
        elif target.heading is Heading.FORTH and target.attempt == 0:
            _leave_out_if_hindered(draft, target)


def _has_drifted(target: Target) -> bool:
    """Whether what is there was changed by somebody else: it is brought anew, once."""
    return target.attempt == 0 and target.look is not None and target.look.has_drifted


def _leave_out_if_hindered(draft: Draft, target: Target) -> None:
    look = target.look
    assert look is not None, "its answer was heard"
    is_to_mend = target.is_done and _has_drifted(target)
    if not target.planned.origin.is_like(look.link) and not is_to_mend:
        leave_out(draft, target, Cause.PERSON, say.overtaken(target))
    elif look.obstacle is not None and target.up:
        leave_out(draft, target, Cause.HOST, look.obstacle)


def call_back(draft: Draft) -> None:
    """The ill ones go at once, those that serve on it in the batches that were touched; a question
    about a control holds only the places it is about."""
    question = draft.rollout.asks
    held = question.places if question and question.code is Asks.CONTROL_IS_ILL else ()
    due = [t for t in draft.at(Stage.DUE, heading=Heading.BACK) if t.place not in held]
    if not due:
        return
    batch = _batch_going_back(draft)
    for target in due:
        serves = target.look is not None and target.look.serves
        if not serves or target.planned.batch == batch:
            draft.move(target, Stage.ASKED, turn=draft.driven)


def _batch_going_back(draft: Draft) -> int:
    """Who does not answer holds up no other."""
    going = draft.at(Stage.DUE, Stage.ASKED, Stage.IN_HAND, heading=Heading.BACK)
    return min((t.planned.batch for t in going if not t.lost), default=0)


def call_forth(draft: Draft) -> None:
    """A batch comes to its turn when the one before is proven, has baked and was promoted."""
    due = draft.at(Stage.DUE, heading=Heading.FORTH)
    if not due or draft.rollout.asks is not None or draft.rollout.paused:
        return
    batch = min(target.planned.batch for target in due)
    if not may_begin(draft, batch):
        return
    for target in due:
        if target.planned.batch == batch:
            draft.move(target, Stage.ASKED, turn=draft.driven)


def call_stand_in(draft: Draft) -> None:
    """Where what is called finds no room since a place of a later batch is ill, that one goes
    first: it needs none."""
    waiting = draft.at(Stage.ASKED, heading=Heading.FORTH)
    if not waiting or draft.rollout.asks is not None or draft.rollout.paused:
        return
    if draft.has(Stage.IN_HAND, Stage.SUSPECT) or draft.has(Stage.ASKED, heading=Heading.BACK):
        return
    if any(t.attempt > 0 or not is_fresh(t) or has_room(draft, t) for t in waiting):
        return
    for target in draft.at(Stage.DUE, heading=Heading.FORTH):
        if target.look is not None and not target.look.serves and target.planned.was_up:
            draft.move(target, Stage.ASKED, turn=draft.driven, stands_in=True)
            return


def take(draft: Draft) -> None:
    """What was asked, and may go, is taken in hand: written down before anything is sent."""
    waiting = [t for t in draft.at(Stage.ASKED) if _may_be_judged(draft, t)]
    if not waiting:
        return
    # Who stands in comes last: where the other can go now, nobody need stand in for it.
    waiting.sort(key=lambda target: target.stands_in)
    begins = set() if _is_held(draft) else _batches_that_may_begin(draft, waiting)
    for target in waiting:
        is_begun = target.heading is Heading.BACK or target.attempt > 0
        may_begin_now = target.planned.batch in begins and not _overtakes(draft, target)
        may_go = is_begun or may_begin_now
        if not may_go or not has_room(draft, target):
            continue
        if is_begun or not _is_second(draft, target):
            draft.move(target, Stage.IN_HAND, touched=True, sent=True, way=target.next_way)


def _overtakes(draft: Draft, target: Target) -> bool:
    """Who stands in goes before places of which nothing was touched, and before no other."""
    return target.stands_in and any(
        each.touched and each.stage.is_open and each.planned.batch < target.planned.batch
        for each in draft.all()
        if each.is_target
    )


def _may_be_judged(draft: Draft, target: Target) -> bool:
    """The rows are asked in the moment of taking; not again in the middle of what was begun."""
    cleared = target.cleared_in == draft.rollout.beat or not target.needs_clearance
    return cleared and is_fresh(target)


def _is_held(draft: Draft) -> bool:
    """While nobody has said whose fault a failure is nothing is begun, nor in a pause, nor while
    Slipway asks or has to."""
    rollout = draft.rollout
    if rollout.paused or rollout.asks is not None or draft.has(Stage.SUSPECT):
        return True
    return is_unknown_whether_any_serves(draft)


def _batches_that_may_begin(draft: Draft, waiting: list[Target]) -> set[int]:
    """Before its batch may begin only who stands in for another that waits, and still is ill."""
    waiting = [t for t in waiting if t.heading is Heading.FORTH]
    called = draft.at(Stage.ASKED, heading=Heading.FORTH)
    # Who once stood in is like any other when its own batch has come.
    own = [t for t in called if not t.stands_in or may_begin(draft, t.planned.batch)]
    is_waited_for = bool(own) and all(t.attempt == 0 for t in called)
    stand_ins = waiting if is_waited_for else []
    early = {t.planned.batch for t in stand_ins if t.stands_in and t.look and not t.look.serves}
    batches = {t.planned.batch for t in waiting} - early
    return early | {batch for batch in batches if may_begin(draft, batch)}


def _is_second(draft: Draft, target: Target) -> bool:
    """A batch of which nothing succeeded has proven nothing: the next place, alone, is the canary;
    one that needs no room, since it is ill, takes the place of one that finds none."""
    if target.planned.batch == 1 or draft.has(Stage.WELL, heading=Heading.FORTH):
        return False
    if draft.has(Stage.IN_HAND, heading=Heading.FORTH):
        return True
    asked = [t for t in draft.at(Stage.ASKED, heading=Heading.FORTH) if not _waits(draft, t)]
    first = next(t for t in asked if not t.lost and (not is_fresh(t) or has_room(draft, t)))
    return first.place != target.place


def _waits(draft: Draft, target: Target) -> bool:
    """Who stood in, and serves again, waits for its batch like any other."""
    serves = target.look is not None and target.look.serves
    return target.stands_in and serves and not may_begin(draft, target.planned.batch)


def may_begin(draft: Draft, batch: int) -> bool:
    """Whether all batches before this one are over, have baked, and were promoted."""
    before = [t for t in draft.all() if 0 < t.planned.batch < batch]
    if not before:
        return True
    if any(t.stage.is_open for t in before) or not all(is_baked(draft, t) for t in before):
        return False
    promoted = draft.rollout.promoted >= batch - 1
    return promoted or not draft.rollout.policy.needs_promotion


def is_baked(draft: Draft, target: Target) -> bool:
    """A bake is ended by a look that is younger than its end; one that cannot be looked at holds
    nobody up for ever."""
    if target.stage is not Stage.WELL or not target.up or target.heading is Heading.BACK:
        return True
    return _bake_was_seen(draft, target) or _bake_was_lost(draft, target)


def _bake_was_seen(draft: Draft, target: Target) -> bool:
    """And what was seen at its end is well; where nothing is to bake, what its chain saw last."""
    bake = draft.rollout.policy.bake
    return target.is_done and (bake <= 0 or target.looked_at - target.since >= bake)


def _bake_was_lost(draft: Draft, target: Target) -> bool:
    policy = draft.rollout.policy
    return target.lost and draft.driven - target.since >= policy.bake + policy.patience


def is_seen_since(draft: Draft, target: Target) -> bool:
    """Whether its success was seen to the end of its bake."""
    return not target.up or target.heading is Heading.BACK or _bake_was_seen(draft, target)
