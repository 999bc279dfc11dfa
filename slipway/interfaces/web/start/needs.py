"""What is open, kind by kind: the beginning of each list, and how many there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from slipway.core.words.roles import Action
from slipway.interfaces.web.fleet.hosts import HostView, host_view
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.rollouts import history
from slipway.interfaces.web.services.locks import LockView, lock_view
from slipway.interfaces.web.services.way.instances import InstanceView, instance_view
from slipway.interfaces.web.shown.building import BuildRow, row_of_build
from slipway.records.builds.build_facts import BuildFacts
from slipway.records.fleet.instance_facts import InstanceFacts
from slipway.records.fleet.known_hosts import KnownHost
from slipway.records.rollouts.ask.overview import list_rollouts_told
from slipway.records.rollouts.needs import sources
from slipway.records.rows.pages import Page, Row, whole

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.rollouts.wish.gates import LockFacts

View = TypeVar("View")
_AT_FIRST = 20  # rows of each kind


@dataclass(frozen=True, slots=True)
class Needs(Generic[View]):
    """What is shown of one kind, and how many there are of it."""

    rows: list[View]
    total: int

    @classmethod
    def of(
        cls,
        ask: Callable[[int, int], Page[Row]],
        show: Callable[[list[Row]], list[View]],
        *,
        is_all: bool,
    ) -> Self:
        found = whole(ask) if is_all else ask(_AT_FIRST, 0)
        total = found.total if isinstance(found, Page) else len(found)
        return cls(show(list(found)), total)

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Failure:
    """A rollout that ended badly, and the lock that it has left."""

    row: history.RolloutRow
    lock: LockView | None


@dataclass(frozen=True, slots=True)
class LostHost:
    host: HostView
    may_check: bool
    learns_key: bool


@dataclass(frozen=True, slots=True)
class BrokenBuild:
    row: BuildRow
    may_build: bool


def failures(
    actor: "Actor", now: datetime, locks: "Sequence[LockFacts]", *, is_all: bool
) -> Needs[Failure]:
    """`locks` are those that hold: what a rollout has left is told with it."""
    left = {lock.rollout: lock_view(lock, actor) for lock in locks if lock.rollout}
    return Needs.of(
        sources.failed_rollouts(actor, now),
        lambda rows: [
            Failure(history.row_of(each), left.get(each.id)) for each in list_rollouts_told(rows)
        ],
        is_all=is_all,
    )


def drifted_places(actor: "Actor", now: datetime, *, is_all: bool) -> Needs[InstanceView]:
    return Needs.of(
        sources.drifted_instances(actor, now),
        lambda rows: [instance_view(InstanceFacts.of(each, now), actor) for each in rows],
        is_all=is_all,
    )


def lost_hosts(actor: "Actor", *, is_all: bool) -> Needs[LostHost]:
    return Needs.of(
        sources.lost_hosts(actor),
        lambda rows: [
            LostHost(
                host_view(KnownHost.of(host), actor),
                _may_check(actor, host.environment.name, is_known=bool(host.host_key)),
                learns_key=not host.host_key,
            )
            for host in rows
        ],
        is_all=is_all,
    )


def broken_builds(actor: "Actor", now: datetime, *, is_all: bool) -> Needs[BrokenBuild]:
    return Needs.of(
        sources.failed_builds(actor, now),
        lambda rows: [
            BrokenBuild(
                row_of_build(BuildFacts.of(build), now),
                actor.may(Action.BUILD, service=build.version.service.name),
            )
            for build in rows
        ],
        is_all=is_all,
    )


def _may_check(actor: "Actor", environment: str, *, is_known: bool) -> bool:
    """Whose key is believed, who manages hosts says."""
    return Reader(actor, environment).may(Action.DEPLOY if is_known else Action.MANAGE_HOST)
