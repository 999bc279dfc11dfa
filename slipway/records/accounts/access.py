"""Who may do something somewhere, by which ways; and who may not, with what is nearest."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slipway.core.words.roles import LEAST_ROLE, Action, Role, allows
from slipway.records.accounts.models import Grant, Token, User
from slipway.records.accounts.rights import Actor, Right


class Obstruction(StrEnum):
    """Why somebody may not, the nearest to it first."""

    DISABLED = "disabled"  # the account is closed, and was given something
    ROLE = "role"  # there, and too little
    ELSEWHERE = "elsewhere"  # enough, for other services or environments
    BOTH = "both"  # too little, and elsewhere
    NOTHING = "nothing"  # nothing was ever given


@dataclass(frozen=True, slots=True)
class GivenWay:
    """What was given to somebody; `grant` is its number, None for being a superuser."""

    role: Role
    service: str
    environment: str
    grant: int | None = None
    given_by: str = ""
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """Somebody who may, by every way that leads there, and the programs that may for them."""

    username: str
    ways: tuple[GivenWay, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Somebody who may not, and the grant of theirs that comes nearest; of a disabled one None
    where what was given would be enough."""

    username: str
    why: Obstruction
    nearest: GivenWay | None


@dataclass(frozen=True, slots=True)
class Access:
    """The answer for one action at one place; `least` is the least role that is enough there."""

    action: Action
    service: str
    environment: str
    least: Role
    allowed: tuple[Allowed, ...]
    not_allowed: tuple[NotAllowed, ...]


def explain_access(
    action: Action, service: str, environment: str, *, by: Actor, now: datetime
) -> Access:
    """Return everybody, by whether they may do `action` there, and why. Raises Forbidden. Whoever
    manages access to a part alone hears of others' roles what is in that part."""
    by.require(Action.MANAGE_ACCESS, service=service, environment=environment)
    sees_all = by.may(Action.MANAGE_ACCESS)
    given: dict[int, list[GivenWay]] = defaultdict(list)
    for grant in Grant.objects.select_related("created_by").order_by("pk"):
        given[grant.user_id].append(_way_of(grant))
    programs = _tokens_for(action, service, environment, now) if sees_all else {}
    allowed, not_allowed = [], []
    for user in User.objects.order_by("username"):
        ways = given[user.pk]
        enough = _enough(user, ways, action, service, environment)
        if enough and user.is_active:
            allowed.append(Allowed(user.username, enough, tuple(programs.get(user.pk, ()))))
        else:
            seen = [way for way in ways if may_take(by, way)]
            why, nearest = _nearest(seen, action, service, environment)
            if enough:
                why, nearest = Obstruction.DISABLED, None
            elif nearest and not user.is_active:
                why = Obstruction.DISABLED  # no role would help before that
            if sees_all or why is not Obstruction.NOTHING:
                not_allowed.append(NotAllowed(user.username, why, nearest))
    order = list(Obstruction)
    not_allowed.sort(key=lambda each: order.index(each.why))
    return Access(
        action,
        service,
        environment,
        LEAST_ROLE[action],
        tuple(allowed),
        tuple(not_allowed),
    )


def may_take(by: Actor, way: GivenWay) -> bool:
    """Return whether somebody could take it back, and so may know of it."""
    return by.may(Action.MANAGE_ACCESS, service=way.service, environment=way.environment)


def _way_of(grant: Grant) -> GivenWay:
    by = grant.created_by.username if grant.created_by else ""
    return GivenWay(
        Role(grant.role), grant.service, grant.environment, grant.pk, by, grant.created_at
    )


def _enough(
    user: User, ways: Sequence[GivenWay], action: Action, service: str, environment: str
) -> tuple[GivenWay, ...]:
    root = (GivenWay(Role.ADMIN, "", ""),) if user.is_superuser else ()
    return (
        *root,
        *(way for way in ways if _right(way).covers(action, service, environment)),
    )


def _nearest(
    ways: Iterable[GivenWay], action: Action, service: str, environment: str
) -> tuple[Obstruction, GivenWay | None]:
    found: dict[Obstruction, GivenWay] = {}
    for way in ways:
        is_there = _right(way).covers(Action.VIEW, service, environment)
        if is_there and not allows(way.role, action):
            found.setdefault(Obstruction.ROLE, way)
        elif allows(way.role, action):
            found.setdefault(Obstruction.ELSEWHERE, way)
        else:
            found.setdefault(Obstruction.BOTH, way)
    return next(
        ((why, found[why]) for why in Obstruction if why in found), (Obstruction.NOTHING, None)
    )


def _tokens_for(
    action: Action, service: str, environment: str, now: datetime
) -> dict[int, list[str]]:
    """Names of living tokens whose own words allow it, by their owner; whether that one may is
    looked at beside it."""
    named: dict[int, list[str]] = defaultdict(list)
    for token in Token.objects.filter(revoked_at=None, expires_at__gt=now).order_by("name"):
        right = Right(Role(token.role), token.service, token.environment)
        if right.covers(action, service, environment):
            named[token.user_id].append(token.name)
    return named


def _right(way: GivenWay) -> Right:
    return Right(way.role, way.service, way.environment)
