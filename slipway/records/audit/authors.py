"""Who does what is kept, and who asks what was."""

from dataclasses import dataclass, field
from typing import Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q

from slipway.core.words.roles import Action


@dataclass(frozen=True)
class Author:
    """As whom somebody is kept; `user` is of the room of accounts, which is above this one."""

    user: AbstractBaseUser | None
    name: str
    token: object | None = None
    source: str = field(default="", compare=False)  # the address the wish came from

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None


class EventReader(Protocol):
    """Whoever asks: what is told of an event depends on what they may."""

    def may(self, action: Action, *, service: str = "", environment: str = "") -> bool: ...

    def may_somewhere(self, action: Action, *, service: str) -> bool: ...

    def visible(self, *, service: str = "", environment: str = "") -> Q: ...
