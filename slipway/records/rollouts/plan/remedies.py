"""Which command helps against what stands in the way of a plan, for whoever may give it."""

from collections.abc import Callable
from dataclasses import dataclass

from slipway.core.words.commands import typed
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.wish.wishes import Wish


@dataclass(frozen=True, slots=True)
class _Remedy:
    """The words of a command from what is wished and what was said; () where there is none."""

    action: Action
    words: Callable[[Wish, Sentence], tuple[str, ...]]
    is_of_service: bool = False


def command_for(told: Sentence, wish: Wish, by: Actor | None) -> str:
    """Return the command that helps; "" where none does, or it is not for `by` (None: anybody)."""
    remedy = _REMEDIES.get(told.code)
    if remedy is None:
        return ""
    service = wish.service.name if remedy.is_of_service else ""
    where = {"service": service, "environment": wish.environment.name}
    if by is not None and not by.may(_right(remedy, told), **where):
        return ""
    words = remedy.words(wish, told)
    return typed(*words) if words else ""


def _right(remedy: _Remedy, told: Sentence) -> Action:
    """Who holds a lock passes it: to whom it is told, it is another's."""
    is_persons = told.code == "locked" and isinstance(dict(told.values)["holder"], str)
    return Action.BREAK_LOCK if is_persons else remedy.action


def host_of(told: Sentence) -> str:
    """Return the host that a sentence names, however deep; "" for none."""
    for name, value in told.values:
        if name == "host" and isinstance(value, str):
            return value
        if isinstance(value, Sentence) and (found := host_of(value)):
            return found
    return ""


def _check(_wish: Wish, told: Sentence) -> tuple[str, ...]:
    host = host_of(told)
    return ("host", "check", host) if host else ()


def _learn(_wish: Wish, told: Sentence) -> tuple[str, ...]:
    return ("host", "check", host_of(told), "--accept-key")


def _back_into_use(_wish: Wish, told: Sentence) -> tuple[str, ...]:
    return ("host", "maintenance", host_of(told), "off")


def _watch(_wish: Wish, told: Sentence) -> tuple[str, ...]:
    return ("rollout", "watch", str(dict(told.values)["number"]))


def _unlock(wish: Wish, _told: Sentence) -> tuple[str, ...]:
    where = ("--env", wish.environment.name)
    return ("unlock", wish.service.name, *where, "--reason", "WHY")


def _look_at_rules(wish: Wish, _told: Sentence) -> tuple[str, ...]:
    return ("env", "show", wish.environment.name)


def _ask_for_no_approvals(wish: Wish, _told: Sentence) -> tuple[str, ...]:
    return ("env", "change", wish.environment.name, "--approvals", "0")


def _clear(wish: Wish, told: Sentence) -> tuple[str, ...]:
    version = str(dict(told.values)["version"])
    where = ("--env", wish.environment.name)
    return ("version", "clear", wish.service.name, version, *where)


_REMEDIES = {
    "locked": _Remedy(Action.LOCK, _unlock, is_of_service=True),
    "active_rollout": _Remedy(Action.VIEW, _watch, is_of_service=True),
    "host_key_unknown": _Remedy(Action.MANAGE_HOST, _learn),
    "host_unreachable": _Remedy(Action.DEPLOY, _check),
    "host_incapable": _Remedy(Action.DEPLOY, _check),
    "not_looked_at": _Remedy(Action.DEPLOY, _check),
    "host_in_maintenance": _Remedy(Action.MANAGE_HOST, _back_into_use),
    "freeze_window": _Remedy(Action.VIEW, _look_at_rules),
    "below_floors": _Remedy(Action.VIEW, _look_at_rules),
    "approval_needed": _Remedy(Action.MANAGE_ENVIRONMENT, _ask_for_no_approvals),
    "withdrawn": _Remedy(Action.DEPLOY, _clear, is_of_service=True),
}
