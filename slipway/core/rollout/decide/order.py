"""The rules, in the order of their urgency."""

from collections.abc import Callable

from slipway.core.rollout.decide.asking import (
    ask_about_ourselves,
    ask_about_weather,
    ask_for_room,
    ask_whether_all_is_ill,
    ask_whether_none_serves,
)
from slipway.core.rollout.decide.blame import judge, withdraw_version
from slipway.core.rollout.decide.deadlines import give_up, retry_owed
from slipway.core.rollout.decide.ends import end, end_watch
from slipway.core.rollout.decide.halting import cancel, halt
from slipway.core.rollout.decide.host_answers import notice_deaths
from slipway.core.rollout.decide.turns import (
    call_back,
    call_forth,
    call_stand_in,
    leave_out_hindered,
    leave_without,
    take,
)
from slipway.core.rollout.value.draft import Draft

Rule = Callable[[Draft], None]

RULES: tuple[Rule, ...] = (
    cancel,
    notice_deaths,
    judge,
    withdraw_version,
    halt,
    give_up,
    leave_without,
    leave_out_hindered,
    retry_owed,
    call_back,
    call_forth,
    call_stand_in,
    ask_whether_none_serves,
    take,
    ask_for_room,
    ask_about_weather,
    ask_about_ourselves,
    ask_whether_all_is_ill,
    end,
)


ROUNDS = 50  # for the rollout and for each of its targets: far more than ever are needed


class RestlessRules(Exception):
    """Two rules undo each other's work. That is an error of ours, and better told than driven."""


def decide(draft: Draft) -> None:
    """Apply the first rule that changes something, and begin anew, until none does: with all rules
    once a round, two left out in one round would slip past the budget."""
    if draft.rollout.end is not None:
        _watch(draft)
    for _ in range(ROUNDS + ROUNDS * len(draft.rollout.targets)):
        if draft.rollout.end is not None or not _decide_once(draft):
            return
    raise RestlessRules(f"rollout {draft.rollout.number}: the rules do not come to rest")


def _decide_once(draft: Draft) -> bool:
    before = draft.version
    for rule in RULES:
        rule(draft)
        if draft.version != before:
            return True
    return False


def _watch(draft: Draft) -> None:
    if draft.rollout.watching:
        notice_deaths(draft)
        end_watch(draft)
