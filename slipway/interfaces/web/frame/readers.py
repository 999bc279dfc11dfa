"""What a reader may do where a page stands, and whom to ask who may not."""

from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from slipway.core.rollout.plans.outlook import Outlook
from slipway.core.words.roles import Action
from slipway.records.accounts.queries import who_may
from slipway.records.accounts.rights import Actor

_OF_SERVICES = (Action.DEPLOY, Action.LOCK, Action.BREAK_LOCK)
_MOST = 3  # people who are named


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads about an environment, and there about a service ("": about none). `back`
    is the address where they go on once what was in the way is mended."""

    actor: Actor
    environment: str
    service: str = ""
    back: str = ""

    @classmethod
    def of(cls, plan: Outlook, actor: Actor, back: str = "") -> Self:
        """Return `actor` as the reader of a plan."""
        return cls(actor, plan.environment, plan.service, back)

    def may(self, action: Action) -> bool:
        return self.actor.may(action, service=self._service(action), environment=self.environment)

    def whom_to_ask(self, action: Action) -> str:
        """Return the sentence that names who may."""
        people = who_may(action, self._service(action), self.environment, _MOST)
        if not people:
            return _("Nobody has the right for it; a superuser can be made on the server.")
        names = {"people": ", ".join(person.username for person in people)}
        return _("Ask somebody who may do that: %(people)s.") % names

    def _service(self, action: Action) -> str:
        """A service's is what changes its instances, and its locks; hosts are of their
        environment."""
        return self.service if action in _OF_SERVICES else ""
