"""A service in one environment, as its page shows it: what runs there, and what may be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action
from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT, WARN, word
from slipway.interfaces.web.rollouts import history
from slipway.interfaces.web.services.locks import LockView, lock_view
from slipway.interfaces.web.services.way.instances import (
    ICONS,
    Act,
    InstanceView,
    instance_view,
    may_deploy,
    plan_address,
)
from slipway.interfaces.web.shown.cells import HostCell, hosts_of
from slipway.interfaces.web.shown.matrix import instance_tick, marks_of
from slipway.interfaces.web.shown.shapes import Ticks, ticks_of

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.fleet.instance_facts import InstanceFacts
    from slipway.records.rollouts.ask.overview import Overview

_AT_HAND = 2  # actions shown; the others are in a menu
_MOST_ROWS = 12  # instances as rows; where there are more, only those that are not well
_MOST_CELLS = 96  # of the others, host by host; all of them where somebody asks for all
_WORST_FIRST = {FAIL: 0, WARN: 1, RUN: 2, WAIT: 3, OK: 4}


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """The service in one environment, as one person sees it. `instances` are told whole, where they
    are many only those that are not as they should be; the others are on `hosts`. `count` is how
    many there are, `folded` how many are not shown, and `is_calm` whether all of those are well."""

    environment: str
    instances: tuple[InstanceView, ...]
    hosts: tuple[HostCell, ...]
    count: int
    folded: int
    is_calm: bool
    versions: tuple[str, ...]
    ticks: Ticks
    rollout: history.RolloutRow | None
    lock: LockView | None
    actions: tuple[Act, ...]
    more: tuple[Act, ...]
    may_lock: bool

    @property
    def shown(self) -> int:
        return self.count - self.folded


def worst_first(instances: "list[InstanceFacts]") -> "list[InstanceFacts]":
    """Return them with those that are not as they should be at the head, where they are many."""
    if len(instances) <= _MOST_ROWS:
        return instances
    return [instance for _mark, instance in _sorted(marks_of(instances), instances)]


def _sorted(
    marks: "list[str]", instances: "list[InstanceFacts]"
) -> "list[tuple[str, InstanceFacts]]":
    pairs = zip(marks, instances, strict=True)
    return sorted(pairs, key=lambda each: _WORST_FIRST.get(each[0], 0))


def place_of(
    service: str, environment: str, overview: "Overview", actor: "Actor", *, shows_all: bool = False
) -> ServicePlace:
    key = (service, environment)
    instances = overview.instances.get(key, [])
    active, lock = overview.active.get(key), overview.locks.get(key)
    may = may_deploy(actor, service, environment)
    acts = _actions(service, environment, instances) if may and not active else ()
    marks = marks_of(instances)
    ordered = list(zip(marks, instances, strict=True))
    rows = len(ordered)
    if rows > _MOST_ROWS:
        ordered = _sorted(marks, instances)
        rows = rows if shows_all else min(len(marks) - marks.count(OK), _MOST_ROWS)
    cells, left = ordered[rows : rows + _MOST_CELLS], ordered[rows + _MOST_CELLS :]
    versions = overview.versions.get(key, {})
    return ServicePlace(
        environment=environment,
        instances=tuple(instance_view(instance, actor) for _mark, instance in ordered[:rows]),
        hosts=hosts_of((each for _mark, each in cells), names_versions=len(versions) > 1),
        count=len(instances),
        folded=len(left),
        is_calm=all(mark == OK for mark, _instance in left),
        versions=tuple(sorted(version.name for version in versions)),
        ticks=ticks_of(instances, marks, instance_tick),
        rollout=history.row_of(active) if active else None,
        lock=lock_view(lock, actor) if lock else None,
        actions=acts[:_AT_HAND],
        more=acts[_AT_HAND:],
        may_lock=actor.may(Action.LOCK, service=service, environment=environment),
    )


def _actions(
    service: str, environment: str, instances: "Sequence[InstanceFacts]"
) -> tuple[Act, ...]:
    kinds = [RolloutKind.DEPLOY]
    if instances:
        kinds = [RolloutKind.UPGRADE, RolloutKind.REVERT, RolloutKind.RESTART]
        is_stopped = all(each.is_stopped for each in instances)
        kinds += [RolloutKind.START if is_stopped else RolloutKind.STOP]
        kinds += [RolloutKind.APPLY, RolloutKind.DEPLOY, RolloutKind.DELETE]
    style = {RolloutKind.DELETE: "danger"}
    return tuple(
        Act(
            word(kind),
            ICONS[kind],
            plan_address(kind=kind, service=service, environment=environment),
            style.get(kind, ""),
        )
        for kind in kinds
    )
