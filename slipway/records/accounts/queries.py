"""Questions about people, their rights and their tokens."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Count, Q, QuerySet

from slipway.core.words.refusal import NotFound
from slipway.core.words.roles import Action, roles_allowing
from slipway.records.accounts.models import Grant, RememberedRequest, Token, User
from slipway.records.accounts.rights import Actor
from slipway.records.rows.pages import Page
from slipway.records.rows.texts import is_storable

T = TypeVar("T")


def list_tokens(user: User) -> Sequence[Token]:
    """Return the live tokens of `user`, the newest first."""
    return list(
        Token.objects.filter(user=user, revoked_at=None)
        .select_related("user")
        .order_by("-created_at", "-id")
    )


def live_token(user: User, prefix: str) -> Token:
    """Return that one of the live tokens of `user`. Raises NotFound."""
    found = next((each for each in list_tokens(user) if each.prefix == prefix), None)
    if found is None:
        raise NotFound("There is no such token.")
    return found


def visible_token(prefix: str, actor: Actor) -> Token:
    """Return one's own token, or anybody's to who manages access. Raises NotFound, word for word
    alike whether it is another's or not there."""
    found = Token.objects.select_related("user").filter(prefix=prefix).first()
    if found is None or (found.user_id != actor.person.pk and not actor.may(Action.MANAGE_ACCESS)):
        raise NotFound("There is no such token.", hint="`slipway token list` shows yours.")
    return found


def list_users() -> Sequence[User]:
    return list(User.objects.order_by("username").prefetch_related("grants"))


def search_users(text: str, *, limit: int, offset: int) -> Page[User]:
    """Return people by a part of their name, with what they were given."""
    found = User.objects.order_by("username").prefetch_related("grants")
    if not is_storable(text):
        return Page(found.none(), limit, offset)
    return Page(found.filter(username__icontains=text) if text else found, limit, offset)


def count_people() -> tuple[int, int]:
    """Return how many there are, and how many of them were disabled."""
    found = User.objects.aggregate(all=Count("pk"), disabled=Count("pk", filter=Q(is_active=False)))
    return found["all"], found["disabled"]


def get_user(name: str) -> User:
    """Raises NotFound."""
    found = User.objects.filter(username=name).first() if is_storable(name) else None
    return _found(found, "user")


def list_grants() -> Sequence[Grant]:
    return list(
        Grant.objects.select_related("user", "created_by").order_by(
            "user__username", "service", "environment", "role"
        )
    )


def grants_of(user: User) -> Sequence[Grant]:
    """Return what somebody was given, by service and environment."""
    found = Grant.objects.filter(user=user).select_related("user", "created_by")
    return list(found.order_by("service", "environment", "role"))


def get_grant(grant_id: int) -> Grant:
    """Raises NotFound."""
    return _found(Grant.objects.select_related("user").filter(pk=grant_id).first(), "grant")


def who_may(action: Action, service: str, environment: str, most: int = 200) -> Sequence[User]:
    """Return people who may do `action` there: those with a right for it first, then superusers."""
    granted = Q(pk__in=_grants_for(action, service, [environment]).values("user"))
    people = User.objects.filter(granted | Q(is_superuser=True), is_active=True)
    return list(people.order_by("is_superuser", "username")[:most])


def who_may_in(
    action: Action, service: str, environments: Sequence[str], most: int
) -> dict[str, list[str]]:
    """Return the names of people who may do `action` in each of the environments, as `who_may`
    does for one; two queries, however many there are."""
    grants = _grants_for(action, service, environments)
    grants = grants.filter(user__is_active=True, user__is_superuser=False)
    named = grants.order_by("user__username").values_list("environment", "user__username")
    given = list(named.distinct())
    superusers = User.objects.filter(is_superuser=True, is_active=True).order_by("username")
    roots = list(superusers.values_list("username", flat=True)[:most])
    return {
        each: list(dict.fromkeys([name for there, name in given if there in ("", each)] + roots))[
            :most
        ]
        for each in environments
    }


def _grants_for(action: Action, service: str, environments: Sequence[str]) -> QuerySet[Grant]:
    """Return what gives a right to `action` in any of the environments."""
    found = Grant.objects.filter(role__in=roles_allowing(action))
    # Looking needs no right over everything.
    if service or action is not Action.VIEW:
        found = found.filter(service__in=("", service))
    if any(environments) or action is not Action.VIEW:
        found = found.filter(environment__in=("", *environments))
    return found


def recall_answer(user: User, key: str) -> RememberedRequest | None:
    """Return what the request with this Idempotency-Key was answered, if there was one."""
    return RememberedRequest.objects.filter(user=user, key=key).first()


def _found(thing: T | None, kind: str) -> T:
    if thing is None:
        raise NotFound("There is no such {kind}.", kind=kind)
    return thing
