"""Who acts, from where, and what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from django.db.models import Q

from slipway.core.words.refusal import Forbidden, Invalid
from slipway.core.words.roles import LEAST_ROLE, Action, Lacking, Role, allows
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.models import Token, User
from slipway.records.audit.authors import Author

SYSTEM = "slipway"


@dataclass(frozen=True, slots=True)
class Right:
    """A role over one service or all (""), in one environment or all ("")."""

    role: Role
    service: str
    environment: str

    def covers(self, action: Action, service: str, environment: str) -> bool:
        """Return whether the right is enough. Looking needs no right over everything."""
        anything = action is Action.VIEW
        return (
            allows(self.role, action)
            and (self.service in ("", service) or (anything and not service))
            and (self.environment in ("", environment) or (anything and not environment))
        )

    def within(self, other: "Right") -> "Right | None":
        """Return what both rights allow, or None."""
        service = _narrower(self.service, other.service)
        environment = _narrower(self.environment, other.environment)
        if service is None or environment is None:
            return None
        least = self.role if allows(other.role, LEAST_ACTION[self.role]) else other.role
        return Right(least, service, environment)


# For each role an action that it allows and no lesser role does.
LEAST_ACTION = {
    Role.VIEWER: Action.VIEW,
    Role.UPLOADER: Action.UPLOAD,
    Role.DEPLOYER: Action.DEPLOY,
    Role.ADMIN: Action.MANAGE_SERVICE,
}


@dataclass(frozen=True)
class Actor(Author):
    """A person, a person's program (token), or the system itself (no user). `refused` is what they
    were refused while this stood for them: the door tells it."""

    user: User | None
    token: Token | None = None
    refused: list[Lacking] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def system(cls) -> Self:
        return cls(user=None, name=SYSTEM)

    @cached_property
    def rights(self) -> tuple[Right, ...]:
        """All rights; a token's are cut to what its owner has now."""
        if self.user is None:
            return (Right(Role.ADMIN, "", ""),)
        owned = _rights_of(self.user)
        if self.token is None:
            return owned
        limit = Right(Role(self.token.role), self.token.service, self.token.environment)
        return tuple(both for right in owned if (both := right.within(limit)))

    @property
    def is_root(self) -> bool:
        """Whether this is the system or a superuser, not cut by a token."""
        return self.user is None or (
            self.user.is_superuser and Right(Role.ADMIN, "", "") in self.rights
        )

    @property
    def person(self) -> User:
        """Who this is, or whose program. Raises Invalid for the system itself."""
        if self.user is None:
            raise Invalid("Only people have tokens.")
        return self.user

    def may(self, action: Action, *, service: str = "", environment: str = "") -> bool:
        return any(right.covers(action, service, environment) for right in self.rights)

    def may_somewhere(self, action: Action, *, service: str) -> bool:
        """Return whether this actor may do it to the service in any environment at all."""
        return any(
            allows(right.role, action) and right.service in ("", service) for right in self.rights
        )

    def may_anywhere(self, action: Action) -> bool:
        """Return whether there is any place at which this actor may do it."""
        return any(allows(right.role, action) for right in self.rights)

    @cached_property
    def sees_all_machines(self) -> bool:
        """Whether of every host that is listed for them they may see how it is reached, and what
        was found there: whose right is on services alone sees what these need."""
        return all(
            not right.service or self.may(Action.VIEW_HOST, environment=right.environment)
            for right in self.rights
        )

    @property
    def sees_some_machines(self) -> bool:
        return any(not right.service for right in self.rights)

    def require(self, action: Action, *, service: str = "", environment: str = "") -> None:
        """Raise Forbidden unless this actor may do it."""
        if not self.may(action, service=service, environment=environment):
            raise self._forbidden(action, service, environment)

    def require_somewhere(self, action: Action, *, service: str = "") -> None:
        """Raise Forbidden unless this actor may do it anywhere at all, or to the service in any
        environment: asked before anything dear is done, where only that will show what it is to
        be done to."""
        may = self.may_somewhere(action, service=service) if service else self.may_anywhere(action)
        if not may:
            raise self._forbidden(action, service, "")

    def _forbidden(self, action: Action, service: str, environment: str) -> Forbidden:
        self.refused.append(Lacking(action, service, environment))
        return Forbidden(
            "{person} may not do this ({action}) for {service} in {environment}.",
            hint="Ask an admin for the role {role} there.",
            person=self.name,
            action=action.value,
            service=service or Sentence.of("all_services", "all services"),
            environment=environment or Sentence.of("all_environments", "all environments"),
            role=LEAST_ROLE[action].value,
        )

    def visible(self, *, service: str = "", environment: str = "") -> Q:
        """Return the condition for rows this actor may see; the arguments name the columns that
        hold the service's and the environment's name ("": the rows have none)."""
        condition = Q(pk__in=[])
        for right in self.rights:
            one = Q()
            if service and right.service:
                one &= Q(**{service: right.service})
            if environment and right.environment:
                one &= Q(**{environment: right.environment})
            if not one:
                return Q()
            condition |= one
        return condition


def actor_of(user: User, source: str, token: Token | None = None) -> Actor:
    """Return `user` acting from `source`, as themselves or through a token."""
    return Actor(user=user, name=user.get_username(), token=token, source=source[:64])


def made_by(names: Iterable[str]) -> Q:
    """Return the condition for rows that one of these made, by the names they are shown with."""
    wanted = list(names)
    by_person = Q(created_by__username__in=wanted)
    return by_person | Q(created_by=None) if SYSTEM in wanted else by_person


def _rights_of(user: User) -> tuple[Right, ...]:
    if not user.is_active:
        return ()
    if user.is_superuser:
        return (Right(Role.ADMIN, "", ""),)
    return tuple(_rights(user.grants.values_list("role", "service", "environment")))


def _rights(rows: Iterable[tuple[str, str, str]]) -> Iterable[Right]:
    return (Right(Role(role), service, environment) for role, service, environment in rows)


def _narrower(one: str, other: str) -> str | None:
    if one and other and one != other:
        return None
    return one or other
