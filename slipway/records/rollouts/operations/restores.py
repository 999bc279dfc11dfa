"""Everything back on a host: what should be there is brought there, service by service."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from slipway.core.rollout.plans.outlook import Outlook
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Host, HostState
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations.shown_plans import show_plan
from slipway.records.rollouts.operations.starts import LONGEST_REASON, start_rollout
from slipway.records.rollouts.wish.confirmations import require_confirmed
from slipway.records.rollouts.wish.gates import is_reachable, unreachable
from slipway.records.rollouts.wish.refusals import NothingToDo
from slipway.records.rollouts.wish.selection import in_maintenance
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.texts import checked_text


@dataclass(slots=True)
class Restored:
    """What was begun, or would be, and what was refused, by service. `others`: how many services
    are there that the person may not see."""

    rollouts: list[Rollout] = field(default_factory=list)
    plans: list[Outlook] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)
    others: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out but what has nothing to be done."""
        return all(isinstance(refused, NothingToDo) for _, refused in self.refused)


def restore_host(
    *, host: Host, by: Actor, now: datetime, reason: str = "", confirm: str | None = None
) -> Restored:
    """Start, for each service of the host, the rollout that brings its instances there to what they
    should be; what was stopped stays so. One that is refused keeps no other from starting.

    Each rollout is a transaction of its own. In a guarded environment `confirm` is the host's name,
    which stands for those of its services. Raises what keeps all of them from it.
    """
    checked_text(reason, what="reason", limit=LONGEST_REASON)
    wishes, restored = _wishes(host, by, Action.DEPLOY)
    require_confirmed(host.environment, host.name, confirm=confirm, by=by)
    for wish in wishes:
        try:
            started = start_rollout(wish=wish, by=by, now=now, reason=reason)
            restored.rollouts.append(started)
        except Refused as refused:
            restored.refused.append((wish.service.name, refused))
    after = {
        "rollouts": [each.pk for each in restored.rollouts],
        "refused": {name: refused.code for name, refused in restored.refused},
    }
    record_of("host.restore_began", host, by=by, now=now, after=after, reason=reason)
    return restored


def plan_restore(*, host: Host, by: Actor, now: datetime) -> Restored:
    """Return what a restore would do, and keep those plans for an hour."""
    wishes, restored = _wishes(host, by, Action.VIEW)
    for wish in wishes:
        try:
            restored.plans.append(show_plan(wish=wish, now=now, by=by))
        except Refused as refused:
            restored.refused.append((wish.service.name, refused))
    return restored


def _wishes(host: Host, by: Actor, action: Action) -> tuple[list[Wish], Restored]:
    services = list(
        Service.objects.filter(instances__host=host, instances__version__isnull=False)
        .distinct()
        .order_by("name")
    )
    environment = host.environment
    seen = [
        each
        for each in services
        if by.may(Action.VIEW, service=each.name, environment=environment.name)
    ]
    _require_any(action, [each.name for each in seen], host, by)
    if refusal := next(_refusals(host, services), None):
        raise refusal
    wishes = [Wish(RolloutKind.APPLY, service, environment, hosts=(host.name,)) for service in seen]
    return wishes, Restored(others=len(services) - len(seen))


def _require_any(action: Action, names: list[str], host: Host, by: Actor) -> None:
    """Refuse who may do it to none of them; who may to some is refused the others by name."""
    environment = host.environment.name
    if not any(by.may(action, service=name, environment=environment) for name in names):
        by.require(action, service=next(iter(names), ""), environment=environment)


def _refusals(host: Host, services: list[Service]) -> Iterator[Refused]:
    if not services:
        yield NothingToDo("Nothing should be on {host}.", host=host.name)
    if host.state == HostState.MAINTENANCE:
        yield in_maintenance(host)
    if not is_reachable(host):
        yield unreachable(host)
